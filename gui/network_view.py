"""The panel that shows the network, lit by what it makes of the drawing."""

import tkinter as tk
from collections.abc import Callable

from PIL import Image, ImageTk

from gui.network_layout import Floats
from gui.network_picture import NetworkPicture
from gui.recognizer import Prediction
from gui.theme import Look
from nnscratch import Network

SMALLEST = (430, 230)  # of a normal display: where every architecture still has room
LAG = 40  # milliseconds by which a picture follows the answer, which does not wait for it


class NetworkView(tk.Canvas):
    """A ``NetworkPicture`` as large as the panel it is given, which may grow with the window.

    ``on_hover`` is called with the unit under the pointer (layer and number from 0, or
    None) and the place of the pointer on the screen, whenever that unit changes.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        network: Network,
        size: tuple[int, int],
        on_hover: Callable[[tuple[int, int] | None, tuple[int, int]], None],
    ) -> None:
        # What it asks for stays the same, however large its picture: a label that asks for its
        # image's size makes the window grow, and the image with it, without end.
        width, height = look.px(size[0]), look.px(size[1])
        super().__init__(
            parent,
            width=width,
            height=height,
            background=look.palette.panel,
            highlightthickness=0,
            borderwidth=0,
        )
        self._item = self.create_image(0, 0, anchor=tk.NW)
        self._look = look
        self._network = network
        self._on_hover = on_hover
        self._hovered: tuple[int, int] | None = None
        self._shown: tuple[Floats | None, Prediction | None] = (None, None)
        self._pending: str | None = None
        self._stale = False
        self._resize((width, height))
        self.bind("<Configure>", self._configured)
        self.bind("<Motion>", lambda event: self._hover(event.x, event.y))
        self.bind("<Leave>", lambda _event: self._hover(-1, -1))

    def use(self, network: Network) -> None:
        """Shows another network, at rest."""
        self._network = network
        self._shown = (None, None)
        self._hover(-1, -1)
        self._resize(self._size)

    def show(self, image: Floats | None, prediction: Prediction | None) -> None:
        """Lights the network for a (28, 28) image, or puts it at rest, 25 times a second."""
        self._shown, self._stale = (image, prediction), True
        if self._pending is None:
            self._pending = self.after(LAG, self._paint)

    def destroy(self) -> None:
        """Leaves nothing behind that would paint later."""
        if self._pending is not None:
            self.after_cancel(self._pending)
        super().destroy()

    # In two steps: what the pen does waits for either, but not for both.
    def _paint(self) -> None:
        self._stale = False
        self._pending = self.after(1, self._paste, self.picture.paint(*self._shown))

    def _paste(self, picture: Image.Image) -> None:
        if picture.size == self._size:  # the panel may have grown in between
            self._photo.paste(picture)
        self._pending = self.after(LAG, self._paint) if self._stale else None

    def _hover(self, x: int, y: int) -> None:
        found = self.picture.unit_at(x, y)
        if found != self._hovered:
            self._hovered = found
            self._on_hover(found, (self.winfo_rootx() + x, self.winfo_rooty() + y))

    def _configured(self, event: "tk.Event[tk.Misc]") -> None:
        width, height = map(self._look.px, SMALLEST)
        size = max(event.width, width), max(event.height, height)
        if size != self._size:
            self._resize(size)

    def _resize(self, size: tuple[int, int]) -> None:
        self._size = size
        look = self._look
        self.picture = NetworkPicture(self._network, size, look.palette, look.scale)
        self._photo = ImageTk.PhotoImage("RGB", size, master=self)
        self.itemconfigure(self._item, image=str(self._photo))
        self._photo.paste(self.picture.paint(*self._shown))
