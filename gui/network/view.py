"""The panel that shows the network with its activations for the current input."""

import time
import tkinter as tk
from collections.abc import Callable, Iterator

from PIL import ImageTk

from gui.network.picture import NetworkPicture, Strip
from gui.recognizer import Prediction
from gui.style.canvas import ThemedCanvas
from gui.style.theme import Theme
from nnscratch import Network

SMALLEST = (430, 230)  # pixels of a normal display: enough for every architecture
FRAME = 0.03  # seconds from one picture to the next, at least
STRIP_LIMIT = 0.02  # seconds from one strip to the next, at most
SOON = 2  # milliseconds from a prediction to a strip, so that the prediction is painted first
IDLE = 10  # milliseconds from one strip to the next while there are no predictions


class NetworkView(ThemedCanvas):
    """A ``NetworkPicture`` as large as its panel, which grows with the window.

    Only the edges of the unit under the pointer are shown, if there is one. Whenever that unit
    changes, ``on_hover`` is called with it (stage and number from 0, or None) and with the place
    of the pointer on the screen.
    """

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        network: Network,
        size: tuple[int, int],
        on_hover: Callable[[tuple[int, int] | None, tuple[int, int]], None],
    ) -> None:
        # A canvas requests the same size, however large its picture is. A label would request
        # the size of its picture: window and picture would then grow without end.
        super().__init__(parent, theme, *size, theme.palette.panel)
        self._network = network
        self._on_hover = on_hover
        self._hovered: tuple[int, int] | None = None
        self._shown: Prediction | None = None
        self._stale = False
        self._begun = self._painted = 0.0
        self._pending: str | None = None
        self._painting: Iterator[Strip]
        self._resize((theme.px(size[0]), theme.px(size[1])))
        self.bind("<Configure>", self._fit)
        self.bind("<Motion>", lambda event: self._hover(event.x, event.y))
        self.bind("<Leave>", lambda _event: self._hover(-1, -1))

    def use(self, network: Network) -> None:
        """Shows another network, at rest."""
        self._network = network
        self._shown = None
        self._hover(-1, -1)
        self._resize(self._size)

    def show(self, prediction: Prediction | None) -> None:
        """Shows the activations for a prediction, or the network at rest, a moment later."""
        self._shown, self._stale = prediction, True
        if self._pending is None or time.monotonic() - self._painted < STRIP_LIMIT:
            self._soon()

    def destroy(self) -> None:
        """Cancels what would be painted later."""
        self._stop()
        super().destroy()

    # The user who draws waits for one strip at most, never for the whole picture. A strip is
    # painted right after a prediction, so it is usually done before the next point arrives.
    def _paint_next(self) -> None:
        self._painted = time.monotonic()
        strip = next(self._painting, None)
        if strip is not None:
            self.photos[strip.left].paste(strip.picture)
        elif self._stale and self._painted - self._begun >= FRAME:
            self._begun, self._stale = self._painted, False
            self._painting = self.picture.strips(self._shown, self._hovered)
        elif not self._stale:
            self._pending = None
            return
        self._soon(IDLE)

    def _soon(self, milliseconds: int = SOON) -> None:
        self._stop()
        self._pending = self.after(milliseconds, self._paint_next)

    def _stop(self) -> None:
        if self._pending is not None:
            self.after_cancel(self._pending)
            self._pending = None

    def _hover(self, x: int, y: int) -> None:
        found = self.picture.unit_at(x, y)
        if found != self._hovered:
            self._hovered = found
            self.show(self._shown)
            self._on_hover(found, (self.winfo_rootx() + x, self.winfo_rooty() + y))

    def _fit(self, event: "tk.Event[tk.Misc]") -> None:
        width, height = map(self._theme.px, SMALLEST)
        size = max(event.width, width), max(event.height, height)
        if size != self._size:
            self._resize(size)

    def _resize(self, size: tuple[int, int]) -> None:
        self._stop()
        self._size, self._stale, self._painting = size, False, iter(())
        theme = self._theme
        self.picture = NetworkPicture(self._network, size, theme.palette, theme.scale)
        self.delete("all")
        self.photos: dict[int, ImageTk.PhotoImage] = {}  # by the x where they begin
        for left, strip in self.picture.strips(self._shown, self._hovered):
            self.photos[left] = ImageTk.PhotoImage(strip, master=self)
            self.create_image(left, 0, anchor=tk.NW, image=str(self.photos[left]))
