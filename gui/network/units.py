"""The units as light in the picture: discs, or squares where they are very small."""

from collections.abc import Iterable

import numpy as np

from gui.network.columns import Column, Floats

FULL = 255  # light at which a pixel has its full colour


def unit_light(
    columns: Iterable[Column], brightness: Iterable[Floats], size: tuple[int, int]
) -> Floats:
    """The light of all units, (height, width), for a ``size`` of (width, height).

    ``brightness``: one array for each column, with values from -1 to 1.
    """
    plane = np.zeros(size[::-1], np.float32)
    for column, values in zip(columns, brightness, strict=True):
        cells = np.zeros(column.rows * column.columns, np.float32)
        cells[: column.units] = FULL * values
        cells = cells.reshape(column.rows, 1, column.columns, 1)
        grid = (cells * _disc(column.pitch)[:, None, :]).reshape(column.height, column.width)
        plane[column.top :, column.left :][: column.height, : column.width] = grid
    return plane


def _disc(pitch: int) -> Floats:
    """The light of one unit, (pitch, pitch)."""
    if pitch < 5:
        side = np.arange(pitch) < max(pitch - 1, 1)
        return np.outer(side, side).astype(np.float32)
    away = np.arange(pitch, dtype=np.float32) - (pitch - 1) / 2
    return np.clip(0.43 * pitch + 0.5 - np.hypot(away, away[:, None]), 0, 1)
