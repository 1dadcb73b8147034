"""What has been drawn: strokes as points, their mirror in pixels, and every state before."""

from dataclasses import dataclass

from gui import preprocessing
from gui.preprocessing import Point, Raster


@dataclass(frozen=True, eq=False)
class Stroke:
    """What the pen drew between going down and going up; ``width`` in canvas pixels."""

    points: list[Point]
    width: float

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """From point to point; a single point is a dot."""
        later = self.points[1:] or self.points
        return list(zip(self.points, later, strict=False))


class Drawing:
    """Strokes that can be taken back and drawn again, with the raster of their ink.

    A state is the list of finished strokes, so taking back is the same for a stroke and
    for a clearing. What is taken back can be drawn again until something new is drawn.
    """

    def __init__(self) -> None:
        self.strokes: list[Stroke] = []
        self.raster: Raster = preprocessing.blank()
        self._past: list[list[Stroke]] = []
        self._future: list[list[Stroke]] = []

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes

    @property
    def paths(self) -> list[list[Point]]:
        """The points of every stroke."""
        return [stroke.points for stroke in self.strokes]

    @property
    def width(self) -> float:
        """The widest brush in the drawing, 0 without ink."""
        return max((stroke.width for stroke in self.strokes), default=0)

    def begin(self, point: Point, width: float) -> None:
        """The pen goes down."""
        self._remember()
        self.strokes.append(Stroke([point], width))
        preprocessing.ink(self.raster, point, point, width)

    def extend(self, point: Point) -> Point:
        """The pen moves on; returns where it came from. For a drawing that was begun."""
        stroke = self.strokes[-1]
        start = stroke.points[-1]
        preprocessing.ink(self.raster, start, point, stroke.width)
        stroke.points.append(point)
        return start

    def clear(self) -> None:
        """Takes all ink away; can be taken back like a stroke."""
        if self.strokes:
            self._remember()
            self._become([])

    def undo(self) -> bool:
        """Back to the state before; False if there is none."""
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Forward to the state taken back last; False if there is none."""
        return self._travel(self._future, self._past)

    def _remember(self) -> None:
        self._past.append(list(self.strokes))
        self._future.clear()

    def _travel(self, source: list[list[Stroke]], behind: list[list[Stroke]]) -> bool:
        if not source:
            return False
        behind.append(self.strokes)
        self._become(source.pop())
        return True

    def _become(self, strokes: list[Stroke]) -> None:
        self.strokes = strokes
        self.raster = preprocessing.blank()
        for stroke in strokes:
            for start, end in stroke.segments:
                preprocessing.ink(self.raster, start, end, stroke.width)
