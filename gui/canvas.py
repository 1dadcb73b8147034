"""The panel one draws in: strokes kept as points, with a raster that mirrors them."""

import tkinter as tk
from collections.abc import Callable

from gui import palette, preprocessing, theme
from gui.preprocessing import CANVAS, Point

# With a look at the drawing whenever Tk is idle, 45 of 80 points of a quick stroke
# arrive; with one for each frame of a display, 67.
FRAME = 16  # milliseconds


class DrawingCanvas(tk.Canvas):
    """A 280×280 canvas that records what is drawn on it.

    ``strokes`` holds the points of every stroke, ``raster`` the ink; the canvas itself
    is never read back. ``on_change`` is called when the pen goes up, when the canvas
    is cleared, and during a stroke once per frame at most.
    """

    def __init__(
        self,
        parent: tk.Misc,
        on_change: Callable[[], None],
        *,
        width: float = preprocessing.BRUSH,
    ) -> None:
        # A highlight ring would make the canvas 282 pixels wide and shift its coordinates.
        super().__init__(
            parent,
            width=CANVAS,
            height=CANVAS,
            background=palette.BLACK,
            highlightthickness=0,
            borderwidth=0,
            cursor="pencil",
        )
        self.width = width
        self.strokes: list[list[Point]] = []
        self.raster = preprocessing.blank()
        self._on_change = on_change
        self._pen_down = False
        self._pending: str | None = None
        self.bind("<ButtonPress-1>", self._press)
        self.bind("<B1-Motion>", self._move)
        self.bind("<ButtonRelease-1>", self._release)
        self._invite()

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes

    def clear(self) -> None:
        """Takes all ink away, also in the middle of a stroke."""
        self._pen_down = False
        self.strokes = []
        self.raster = preprocessing.blank()
        self.delete("all")
        self._invite()
        self._changed()

    def _press(self, event: "tk.Event[tk.Misc]") -> None:
        self.focus_set()
        self.delete("invitation")
        self._pen_down = True
        self.strokes.append([(event.x, event.y)])
        self._draw((event.x, event.y), (event.x, event.y))

    # Tk drops motion events that a slow handler keeps waiting: this one only notes the
    # point and draws one segment, and leaves the rest to the next frame.
    def _move(self, event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            stroke, point = self.strokes[-1], (event.x, event.y)
            self._draw(stroke[-1], point)
            stroke.append(point)

    def _release(self, _event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            self._pen_down = False
            self._changed()

    def _draw(self, start: Point, end: Point) -> None:
        self.create_line(*start, *end, width=self.width, fill=palette.WHITE, capstyle=tk.ROUND)
        preprocessing.ink(self.raster, start, end, self.width)
        if self._pending is None:
            self._pending = self.after(FRAME, self._changed)

    def _changed(self) -> None:
        if self._pending is not None:
            self.after_cancel(self._pending)
            self._pending = None
        self._on_change()

    def _invite(self) -> None:
        self.create_text(
            CANVAS / 2,
            CANVAS / 2,
            text="draw a digit",
            fill=palette.FAINT,
            font=theme.typeface(self, 16),
            tags="invitation",
        )
