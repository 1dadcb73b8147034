"""The panel that shows the network, lit by what it makes of the drawing."""

import time
import tkinter as tk
from collections.abc import Callable, Iterator

from PIL import ImageTk

from gui.network.picture import NetworkPicture, Strip
from gui.recognizer import Prediction
from gui.style.theme import Look
from nnscratch import Network

SMALLEST = (430, 230)  # of a normal display: where every architecture still has room
FRAME = 0.03  # seconds from one picture to the next, at least
LATEST = 0.02  # seconds from one strip to the next, at most
SOON = 2  # milliseconds from an answer to a strip, so that the answer is painted first
PATIENCE = 10  # milliseconds from one strip to the next while there are no answers


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
        self._begun = self._painted = 0.0
        self._pending: str | None = None
        self._painting: Iterator[Strip]
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
        if self._pending is None or time.monotonic() - self._painted < LATEST:
            self._soon()

    def destroy(self) -> None:
        """Leaves nothing behind that would paint later."""
        self._stop()
        super().destroy()

    # Whoever draws waits for one strip, but never for the whole picture; and seldom for that,
    # since it is painted right after an answer, when the next point has not come yet.
    def _paint_on(self) -> None:
        self._painted = time.monotonic()
        strip = next(self._painting, None)
        if strip is not None:
            self.photos[strip.left].paste(strip.picture)
        elif self._stale and self._painted - self._begun >= FRAME:
            self._begun, self._stale = self._painted, False
            self._painting = self.picture.strips(self._shown)
        elif not self._stale:
            self._pending = None
            return
        self._soon(PATIENCE)

    def _soon(self, milliseconds: int = SOON) -> None:
        self._stop()
        self._pending = self.after(milliseconds, self._paint_on)

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
        self._size, self._stale, self._painting = size, False, iter(())
        look = self._look
        self.picture = NetworkPicture(self._network, size, look.palette, look.scale)
        self.delete("all")
        self.photos: dict[int, ImageTk.PhotoImage] = {}  # by where they begin
        for left, strip in self.picture.strips(self._shown):
            self.photos[left] = ImageTk.PhotoImage(strip, master=self)
            self.create_image(left, 0, anchor=tk.NW, image=str(self.photos[left]))
