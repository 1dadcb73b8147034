"""The panel that shows the network, lit by what it makes of the drawing."""

import tkinter as tk
from collections.abc import Callable, Iterator

from PIL import ImageTk

from gui.network_picture import NetworkPicture, Strip
from gui.recognizer import Prediction
from gui.theme import Look
from nnscratch import Network

SMALLEST = (430, 230)  # of a normal display: where every architecture still has room
PAUSE = 30  # milliseconds from one picture to the next


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
        self._look = look
        self._network = network
        self._on_hover = on_hover
        self._hovered: tuple[int, int] | None = None
        self._shown: Prediction | None = None
        self._stale = False
        self._pending: str | None = None
        self._painting: Iterator[Strip] = iter(())
        self._resize((width, height))
        self.bind("<Configure>", self._configured)
        self.bind("<Motion>", lambda event: self._hover(event.x, event.y))
        self.bind("<Leave>", lambda _event: self._hover(-1, -1))

    def use(self, network: Network) -> None:
        """Shows another network, at rest."""
        self._network = network
        self._shown = None
        self._hover(-1, -1)
        self._resize(self._size)

    def show(self, prediction: Prediction | None) -> None:
        """Lights the network for what it made of an image, or puts it at rest, and soon."""
        self._shown, self._stale = prediction, True
        if self._pending is None:
            self._pending = self.after(1, self._begin)

    def destroy(self) -> None:
        """Leaves nothing behind that would paint later."""
        self._stop()
        super().destroy()

    def _begin(self) -> None:
        self._pending = None
        if self._stale:
            self._stale = False
            self._painting = self.picture.strips(self._shown)
            self._go_on()

    # What the pen does waits for one strip, but not for the whole picture.
    def _go_on(self) -> None:
        strip = next(self._painting, None)
        if strip is None:
            self._pending = self.after(PAUSE, self._begin)
        else:
            self.photos[strip.left].paste(strip.picture)
            self._pending = self.after(1, self._go_on)

    def _stop(self) -> None:
        if self._pending is not None:
            self.after_cancel(self._pending)
            self._pending = None

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
        self._stop()
        self._size, self._stale = size, False
        look = self._look
        self.picture = NetworkPicture(self._network, size, look.palette, look.scale)
        self.delete("all")
        self.photos: dict[int, ImageTk.PhotoImage] = {}  # by where they begin
        for left, strip in self.picture.strips(self._shown):
            self.photos[left] = ImageTk.PhotoImage(strip, master=self)
            self.create_image(left, 0, anchor=tk.NW, image=str(self.photos[left]))
