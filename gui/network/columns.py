"""Where the units are in the picture: one column for the input, one for each stage."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.recognizer import SIDE

Floats: TypeAlias = NDArray[np.floating]

# In pixels of a normal display.
MARGIN = 20
LARGEST = 18  # the largest distance from one unit to the next
DIGITS_WIDTH = 30  # for the digits beside the output units


@dataclass(frozen=True, eq=False)
class Column:
    """A grid of units, filled row by row. Its corner is (``left``, ``top``), in pixels."""

    units: int
    pitch: int  # pixels from one unit to the next
    columns: int
    rows: int
    left: int
    top: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.columns * self.pitch

    @property
    def height(self) -> int:
        """In pixels."""
        return self.rows * self.pitch

    @property
    def centres(self) -> tuple[Floats, Floats]:
        """The x and the y of every unit, (units,) each."""
        row, column = np.divmod(np.arange(self.units), self.columns)
        middle = (self.pitch - 1) / 2
        return (
            self.left + column * self.pitch + middle,
            self.top + row * self.pitch + middle,
        )

    def unit_at(self, x: float, y: float) -> int | None:
        """The unit whose cell contains a point of the picture; None outside the grid."""
        column, row = int((x - self.left) // self.pitch), int((y - self.top) // self.pitch)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        unit = row * self.columns + column
        return unit if unit < self.units else None


def arrange(units: Sequence[int], width: int, height: int, scale: float = 1) -> list[Column]:
    """The input, then one column for each number of ``units``, side by side in width × height.

    Columns are as narrow as legible units allow; the rest of the width becomes the gaps in
    which the edges run. The outputs, the last column, stand one below the other with a digit
    beside each. ``scale``: how many pixels of this display make one of a normal display.
    """
    hidden = units[:-1]
    margin, digits, largest = (round(n * scale) for n in (MARGIN, DIGITS_WIDTH, LARGEST))
    pixel = round((3 if len(hidden) <= 4 and width >= 480 * scale else 2) * scale)
    room = height - margin
    outputs = min(room // units[-1], 2 * largest)
    free = width - 2 * margin - digits - SIDE * pixel - outputs
    grids = [
        (SIDE * SIDE, pixel, SIDE),
        *((n, *_grid(n, free, len(hidden), room, largest)) for n in hidden),
        (units[-1], outputs, 1),
    ]
    gap = (free - sum(pitch * columns for _, pitch, columns in grids[1:-1])) / (len(grids) - 1)

    left, placed = float(margin), []
    for n, pitch, columns in grids:
        rows = math.ceil(n / columns)
        top = (height - rows * pitch) // 2
        placed.append(Column(n, pitch, columns, rows, round(left), top))
        left += columns * pitch + gap
    return placed


def _grid(units: int, free: int, layers: int, height: int, largest: int) -> tuple[int, int]:
    """Pitch and columns of a hidden layer: units as large as the gaps allow.

    A grid whose last row is full is preferred, also if its units are somewhat smaller.
    """
    fitting = [
        (pitch, columns)
        for share, smallest in ((0.28, 4), (0.5, 1))
        for pitch in range(largest, smallest - 1, -1)
        if (columns := math.ceil(units / (height // pitch))) * pitch <= share * free / layers
    ] or [(1, math.ceil(units / height))]
    even = [grid for grid in fitting if units % grid[1] == 0 and grid[0] > fitting[0][0] * 0.65]
    return (even or fitting)[0]
