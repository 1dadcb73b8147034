"""Where a network stands in its picture: one column for its input, one for every layer of units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.recognizer import SIDE
from nnscratch import Dropout, Layer, Network
from nnscratch.layers import AbstractLinear

Floats: TypeAlias = NDArray[np.floating]

MARGIN = 20  # this and what follows in pixels of a normal display
LARGEST = 18  # from one unit to the next, where there is room
READOUT = 30  # room for the digits beside the output units


@dataclass(frozen=True, eq=False)
class Stage:
    """A Linear layer and what follows it up to the next: what one column shows."""

    linear: AbstractLinear
    output: int  # position in Prediction.activations
    name: str  # "ReLU", "softmax"


def stages(network: Network) -> list[Stage]:
    """The columns of ``network`` behind its input, in order."""
    starts = [at for at, layer in enumerate(network.layers) if isinstance(layer, AbstractLinear)]
    ends = [start - 1 for start in starts[1:]] + [len(network.layers) - 1]
    found = []
    for start, end in zip(starts, ends, strict=True):
        linear = network.layers[start]
        assert isinstance(linear, AbstractLinear)
        found.append(Stage(linear, end, _name(network.layers[start : end + 1])))
    last = found[-1]
    applied = {"logits": "softmax", "sigmoid_logits": "sigmoid", "scores": last.name.lower()}
    name = applied[network.outputs]
    return [*found[:-1], Stage(last.linear, last.output, name)]


def _name(layers: Sequence[Layer]) -> str:
    """What a column is called: its last layer that does something in prediction."""
    last = next(layer for layer in reversed(layers) if not isinstance(layer, Dropout))
    return "linear" if isinstance(last, AbstractLinear) else type(last).__name__


@dataclass(frozen=True, eq=False)
class Column:
    """A grid of units, filled row by row; ``left`` and ``top`` are its corner in pixels."""

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
        """x and y of every unit, (units,) each."""
        row, column = np.divmod(np.arange(self.units), self.columns)
        middle = (self.pitch - 1) / 2
        return (
            self.left + column * self.pitch + middle,
            self.top + row * self.pitch + middle,
        )

    def unit_at(self, x: float, y: float) -> int | None:
        """The unit whose cell holds a point of the picture; None beside the grid."""
        column, row = int((x - self.left) // self.pitch), int((y - self.top) // self.pitch)
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        unit = row * self.columns + column
        return unit if unit < self.units else None


def arrange(units: Sequence[int], width: int, height: int, scale: float = 1) -> list[Column]:
    """The input and then a column for each number of ``units``, side by side in width × height.

    Columns are as narrow as legible units allow, and share the rest as gaps: that is
    where the edges run. The outputs (the last) get a single column and a readout.
    ``scale``: how many pixels of this display make one of a normal one.
    """
    hidden = units[:-1]
    margin, readout, largest = (round(n * scale) for n in (MARGIN, READOUT, LARGEST))
    pixel = round((3 if len(hidden) <= 4 and width >= 480 * scale else 2) * scale)
    room = height - margin
    outputs = min(room // units[-1], 2 * largest)
    free = width - 2 * margin - readout - SIDE * pixel - outputs
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
    """Pitch and columns for a hidden layer: units as large as fit beside generous gaps.

    A grid without a ragged last row may have somewhat smaller units than the largest.
    """
    fitting = [
        (pitch, columns)
        for share, smallest in ((0.28, 4), (0.5, 1))
        for pitch in range(largest, smallest - 1, -1)
        if (columns := math.ceil(units / (height // pitch))) * pitch <= share * free / layers
    ] or [(1, math.ceil(units / height))]
    even = [grid for grid in fitting if units % grid[1] == 0 and grid[0] > fitting[0][0] * 0.65]
    return (even or fitting)[0]
