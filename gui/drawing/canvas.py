"""The panel one draws in: it shows a drawing and lets the mouse add to it."""

import time
import tkinter as tk
from collections.abc import Callable

from PIL import Image, ImageTk

from gui import preprocessing
from gui.drawing.drawing import Drawing
from gui.preprocessing import CANVAS, Point
from gui.style import palette
from gui.style.theme import Look

# Tk merges motion events that wait: between two looks at the drawing it gets time for them.
PAUSE = 1  # millisecond

THINNEST, THICKEST = 4, 48  # brushes, in canvas pixels


class DrawingCanvas(tk.Canvas):
    """A canvas of 280×280 pixels of a normal display, whatever this one's are.

    ``drawing`` keeps the strokes and their raster; the canvas itself is never read back.
    ``on_change`` is called when the pen goes up, when the drawing is cleared, taken back
    or drawn again, and during a stroke with a pause for new points in between.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        drawing: Drawing,
        on_change: Callable[[], None],
        *,
        width: float = preprocessing.BRUSH,
    ) -> None:
        # A highlight ring would make the canvas 2 pixels wider and shift its coordinates.
        super().__init__(
            parent,
            width=look.px(CANVAS),
            height=look.px(CANVAS),
            background=palette.BLACK,
            highlightthickness=0,
            borderwidth=0,
            cursor="pencil",
        )
        self.drawing = drawing
        self.width = width
        self._look = look
        self.on_change = on_change
        self._pen_down = False
        self._pending: str | None = None
        self._looked = 0.0
        self._ghost: ImageTk.PhotoImage | None = None
        self.bind("<ButtonPress-1>", self._press)
        self.bind("<B1-Motion>", self._move)
        self.bind("<ButtonRelease-1>", self._release)
        self._redraw()

    def clear(self) -> None:
        """Takes all ink away, also in the middle of a stroke."""
        self.drawing.clear()
        self._replaced()

    def undo(self) -> None:
        """Takes back the last stroke or clearing, also in the middle of a stroke."""
        if self.drawing.undo():
            self._replaced()

    def redo(self) -> None:
        """Draws again what was taken back last."""
        if self.drawing.redo():
            self._replaced()

    def show_ghost(self, picture: Image.Image | None) -> None:
        """A picture, as large as the canvas, wherever nothing is drawn; None takes it away."""
        self._ghost = picture and ImageTk.PhotoImage(picture, master=self)
        self._redraw()

    def _press(self, event: "tk.Event[tk.Misc]") -> None:
        self.focus_set()
        self.delete("beneath")
        self._pen_down = True
        place = self._place(event)
        self.drawing.begin(place, self.width)
        self._draw(place, place, self.width)
        self._look_soon()

    # Tk drops motion events that a slow handler keeps waiting: this one only notes the
    # point and draws one segment, and leaves the rest to the next look.
    def _move(self, event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            place = self._place(event)
            self._draw(self.drawing.extend(place), place, self.width)
            self._look_soon()

    def _release(self, _event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            self._pen_down = False
            self._changed()

    # The pen stays on the paper: strokes outside would be seen by the network and by nobody else.
    def _place(self, event: "tk.Event[tk.Misc]") -> Point:
        scale = self._look.scale
        x, y = (event.x, event.y) if scale == 1 else (event.x / scale, event.y / scale)
        return min(max(x, 0), CANVAS - 1), min(max(y, 0), CANVAS - 1)

    def _draw(self, start: Point, end: Point, width: float) -> None:
        scale = self._look.scale
        line = (scale * at for at in (*start, *end))
        self.create_line(*line, width=scale * width, fill=palette.WHITE, capstyle=tk.ROUND)

    def _look_soon(self) -> None:
        if self._pending is None:
            since = (time.monotonic() - self._looked) * 1000
            self._pending = self.after(max(round(PAUSE - since), 0), self._changed)

    def _replaced(self) -> None:
        self._pen_down = False
        self._redraw()
        self._changed()

    def _redraw(self) -> None:
        self.delete("all")
        if self.drawing.empty and self._ghost is not None:
            self.create_image(0, 0, image=self._ghost, anchor=tk.NW, tags="beneath")
        elif self.drawing.empty:
            self._invite()
        for stroke in self.drawing.strokes:
            for start, end in stroke.segments:
                self._draw(start, end, stroke.width)

    def _changed(self) -> None:
        if self._pending is not None:
            self.after_cancel(self._pending)
            self._pending = None
        self.on_change()
        self._looked = time.monotonic()

    def _invite(self) -> None:
        middle = self._look.px(CANVAS / 2)
        self.create_text(
            middle,
            middle,
            text="draw a digit",
            fill=palette.GHOST,
            font=self._look.font(16),
            tags="beneath",
        )
