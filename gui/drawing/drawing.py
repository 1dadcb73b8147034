"""A drawing: strokes as points, the same strokes in pixels, and all earlier states."""

from dataclasses import dataclass

from experiments.drawings.raster import Point, Raster, blank, ink


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line of the pen, from pressing to releasing. ``width`` is in canvas pixels."""

    points: list[Point]
    width: float

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """The pairs of neighbouring points. A single point is paired with itself: a dot."""
        later = self.points[1:] or self.points
        return list(zip(self.points, later, strict=False))


class Drawing:
    """Strokes with undo and redo, and their raster.

    A state is a list of strokes, so a stroke and a clearing are undone in the same way.
    Redo works until the next stroke or clearing.
    """

    def __init__(self) -> None:
        self.strokes: list[Stroke] = []
        self.raster: Raster = blank()
        self._past: list[list[Stroke]] = []
        self._future: list[list[Stroke]] = []

    @property
    def empty(self) -> bool:
        """Whether there are no strokes."""
        return not self.strokes

    @property
    def paths(self) -> list[list[Point]]:
        """The points of every stroke."""
        return [stroke.points for stroke in self.strokes]

    @property
    def width(self) -> float:
        """The widest brush in the drawing; 0 without strokes."""
        return max((stroke.width for stroke in self.strokes), default=0)

    def begin(self, point: Point, width: float) -> None:
        """Begins a stroke."""
        self._remember()
        self.strokes.append(Stroke([point], width))
        ink(self.raster, point, point, width)

    def extend(self, point: Point) -> Point:
        """Adds a point to the last stroke and returns the point before it."""
        stroke = self.strokes[-1]
        start = stroke.points[-1]
        ink(self.raster, start, point, stroke.width)
        stroke.points.append(point)
        return start

    def clear(self) -> None:
        """Removes all strokes; ``undo`` restores them."""
        if self.strokes:
            self._remember()
            self._replace([])

    def undo(self) -> bool:
        """Returns to the previous state; False if there is none."""
        return self._go_to_last(self._past, self._future)

    def redo(self) -> bool:
        """Returns to the state that was undone last; False if there is none."""
        return self._go_to_last(self._future, self._past)

    def _remember(self) -> None:
        self._past.append(list(self.strokes))
        self._future.clear()

    def _go_to_last(self, states: list[list[Stroke]], others: list[list[Stroke]]) -> bool:
        if not states:
            return False
        others.append(self.strokes)
        self._replace(states.pop())
        return True

    def _replace(self, strokes: list[Stroke]) -> None:
        self.strokes = strokes
        self.raster = blank()
        for stroke in strokes:
            for start, end in stroke.segments:
                ink(self.raster, start, end, stroke.width)
