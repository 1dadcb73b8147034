"""Digits that people wrote on a pen tablet, placed on the canvas as one would draw them."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Strokes: TypeAlias = list[NDArray[np.int_]]
"""Each (n, 2): x to the right, y down, in canvas pixels."""


class PenStrokes:
    """The drawings of ``strokes_train.npz``; its README tells the format."""

    def __init__(self, folder: Path) -> None:
        with np.load(folder / "strokes_train.npz", allow_pickle=False) as data:
            self._data = dict(data)

    def first_of_each_digit(self, writer: int, longer_side: float = 180) -> list[Strokes]:
        """For every digit 0–9 the one that this writer wrote first, that many pixels large."""
        data = self._data
        drawings = []
        for digit in range(10):
            own = np.flatnonzero((data["writer"] == writer) & (data["labels"] == digit))
            first = own[data["seq"][own].argmin()]
            drawings.append(placed(self._strokes_of(int(first)), longer_side))
        return drawings

    def _strokes_of(self, sample: int) -> Strokes:
        starts, points = self._data["strokes"], self._data["points"]
        first, last = self._data["samples"][sample : sample + 2]
        return [points[starts[stroke] : starts[stroke + 1]] for stroke in range(first, last)]


def placed(strokes: Strokes, longer_side: float = 180, canvas: int = 280) -> Strokes:
    """The strokes scaled to a longer side in pixels, in the middle of the canvas."""
    corner = np.concatenate(strokes).min(axis=0)
    extent = np.concatenate(strokes).max(axis=0) - corner
    scale = longer_side / extent.max()
    margin = (canvas - extent * scale) / 2
    return [np.rint((stroke - corner) * scale + margin).astype(int) for stroke in strokes]
