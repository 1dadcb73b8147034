"""The panel that shows the drawing and adds the strokes of the mouse to it."""

import time
import tkinter as tk
from collections.abc import Callable

from PIL import Image, ImageTk

from experiments.drawings.raster import BRUSH, CANVAS, Point
from gui.drawing.drawing import Drawing
from gui.style import palette
from gui.style.canvas import ThemedCanvas
from gui.style.theme import Theme

# Tk merges motion events that wait. The pause between two reports gives it time for them.
PAUSE = 1  # millisecond

THINNEST, THICKEST = 4, 48  # brushes, in canvas pixels


class DrawingCanvas(ThemedCanvas):
    """A canvas of 280×280 pixels of a normal display; other displays scale it.

    ``drawing`` holds the strokes and their raster; nothing is read back from the screen.
    ``on_change`` is called at the end of a stroke, after clear, undo and redo, and several
    times during a stroke.
    """

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        drawing: Drawing,
        on_change: Callable[[], None],
    ) -> None:
        super().__init__(parent, theme, CANVAS, CANVAS, palette.BLACK)
        self.configure(cursor="pencil")
        self.drawing = drawing
        self.width: float = BRUSH
        self.on_change = on_change
        self._pen_down = False
        self._pending: str | None = None
        self._reported = 0.0
        self._placeholder: ImageTk.PhotoImage | None = None
        self.bind("<ButtonPress-1>", self._press)
        self.bind("<B1-Motion>", self._move)
        self.bind("<ButtonRelease-1>", self._release)
        self._redraw()

    def clear(self) -> None:
        """Clears the drawing, also in the middle of a stroke."""
        self.drawing.clear()
        self._replaced()

    def undo(self) -> None:
        """Undoes the last stroke or clearing, also in the middle of a stroke."""
        if self.drawing.undo():
            self._replaced()

    def redo(self) -> None:
        """Restores what was undone last."""
        if self.drawing.redo():
            self._replaced()

    def show_placeholder(self, picture: Image.Image | None) -> None:
        """Shows a square picture on the whole canvas while nothing is drawn; None removes it."""
        if picture is not None:
            side = self._theme.px(CANVAS)
            picture = picture.resize((side, side), Image.Resampling.BICUBIC)
        self._placeholder = picture and ImageTk.PhotoImage(picture, master=self)
        self._redraw()

    def _press(self, event: "tk.Event[tk.Misc]") -> None:
        self.focus_set()
        self.delete("placeholder")
        self._pen_down = True
        place = self._place(event)
        self.drawing.begin(place, self.width)
        self._draw(place, place, self.width)
        self._report_soon()

    # Tk drops motion events while a handler is busy. This handler therefore only adds the
    # point and draws one segment; the prediction follows in the next report.
    def _move(self, event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            place = self._place(event)
            self._draw(self.drawing.extend(place), place, self.width)
            self._report_soon()

    def _release(self, _event: "tk.Event[tk.Misc]") -> None:
        if self._pen_down:
            self._pen_down = False
            self._report()

    # Outside the canvas a stroke would be visible to the network, but not to the user.
    def _place(self, event: "tk.Event[tk.Misc]") -> Point:
        scale = self._theme.scale
        x, y = (event.x, event.y) if scale == 1 else (event.x / scale, event.y / scale)
        return min(max(x, 0), CANVAS - 1), min(max(y, 0), CANVAS - 1)

    def _draw(self, start: Point, end: Point, width: float) -> None:
        scale = self._theme.scale
        line = (scale * at for at in (*start, *end))
        self.create_line(*line, width=scale * width, fill=palette.WHITE, capstyle=tk.ROUND)

    def _report_soon(self) -> None:
        if self._pending is None:
            since = (time.monotonic() - self._reported) * 1000
            self._pending = self.after(max(round(PAUSE - since), 0), self._report)

    def _replaced(self) -> None:
        self._pen_down = False
        self._redraw()
        self._report()

    def _redraw(self) -> None:
        self.delete("all")
        if self.drawing.empty and self._placeholder is not None:
            self.create_image(0, 0, image=self._placeholder, anchor=tk.NW, tags="placeholder")
        elif self.drawing.empty:
            middle = CANVAS / 2
            invitation = self.add_text(
                middle, middle, "draw a digit", size=16, fill=palette.PLACEHOLDER, anchor=tk.CENTER
            )
            self.addtag_withtag("placeholder", invitation)
        for stroke in self.drawing.strokes:
            for start, end in stroke.segments:
                self._draw(start, end, stroke.width)

    def _report(self) -> None:
        if self._pending is not None:
            self.after_cancel(self._pending)
            self._pending = None
        self.on_change()
        self._reported = time.monotonic()
