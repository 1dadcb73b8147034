"""The units of a network as lamps in a plane of light: round, or where they are tiny square."""

from collections.abc import Iterable

import numpy as np

from gui.network.columns import Column, Floats

FULL = 255  # light at which a pixel has the colour of its sign


def lamps(columns: Iterable[Column], brightness: Iterable[Floats], size: tuple[int, int]) -> Floats:
    """A plane (height, width) of ``size`` with the units of every column, -1 to 1 each, alight."""
    plane = np.zeros(size[::-1], np.float32)
    for column, values in zip(columns, brightness, strict=True):
        cells = np.zeros(column.rows * column.columns, np.float32)
        cells[: column.units] = FULL * values
        cells = cells.reshape(column.rows, 1, column.columns, 1)
        grid = (cells * _lamp(column.pitch)[:, None, :]).reshape(column.height, column.width)
        plane[column.top :, column.left :][: column.height, : column.width] = grid
    return plane


def _lamp(pitch: int) -> Floats:
    """The light of one unit, (pitch, pitch)."""
    if pitch < 5:
        side = np.arange(pitch) < max(pitch - 1, 1)
        return np.outer(side, side).astype(np.float32)
    away = np.arange(pitch, dtype=np.float32) - (pitch - 1) / 2
    return np.clip(0.43 * pitch + 0.5 - np.hypot(away, away[:, None]), 0, 1)
