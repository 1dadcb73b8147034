"""Strokes as pixels on a canvas, as wide as the brush. Pure: it needs no window.

A drawing is a list of strokes, and a stroke is the points of the pen's path.
Only ``ink`` turns points into pixels. The window calls it for each new segment,
``rasterise`` calls it for a whole drawing, and both give the same raster.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.drawings.rendering import Stroke, as_stroke

Raster: TypeAlias = NDArray[np.uint8]
"""(280, 280), white ink on black, 0 or 255."""

Point: TypeAlias = tuple[float, float]
"""(x to the right, y down) in canvas pixels. The centre of a pixel has whole coordinates."""

CANVAS = 280
BRUSH = 20.0


def placed(
    drawing: Sequence[Stroke], size: float, *, width: float, corner: bool = False
) -> list[Stroke]:
    """One drawing on the canvas, on whole pixels; its longer side is ``size`` pixels.

    It is in the middle, or in the upper left corner with just enough room for the brush.
    """
    points = np.concatenate(drawing)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = size / max(extent.max(), 1)
    margin = width / 2 if corner else (CANVAS - extent * scale) / 2
    return [np.rint((stroke - low) * scale + margin) for stroke in drawing]


def rasterise(strokes: Sequence[ArrayLike], width: float = BRUSH) -> Raster:
    """Strokes on an empty raster. A stroke of one point is a dot."""
    raster = blank()
    for stroke in strokes:
        points: list[Point] = [(x, y) for x, y in as_stroke(stroke).tolist()]
        for start, end in pairwise(points if len(points) > 1 else points * 2):
            ink(raster, start, end, width)
    return raster


def checked_raster(raster: Raster) -> Raster:
    """``raster``, if it is a (280, 280) uint8 array; ``ValueError`` otherwise."""
    raster = np.asarray(raster)
    if raster.shape != (CANVAS, CANVAS) or raster.dtype != np.uint8:
        raise ValueError(
            f"a raster must be uint8 of shape ({CANVAS}, {CANVAS}), white ink on black, "
            f"got {raster.dtype} of shape {raster.shape}"
        )
    return raster


def blank() -> Raster:
    """A raster without ink."""
    return np.zeros((CANVAS, CANVAS), np.uint8)


def ink(raster: Raster, start: Point, end: Point, width: float = BRUSH) -> None:
    """Draws one segment into ``raster``: every pixel whose centre is within width/2 of it.

    With d = end − start, the point of the segment nearest to a pixel p is
    start + t d, where t = (p − start)·d / d·d, clipped to [0, 1]. So ends and joins are round.
    Pixels outside of the raster are left out.
    """
    if not width > 0:
        raise ValueError(f"the brush must be wider than 0, got {width}")
    columns, rows = (_reach(a, b, width / 2) for a, b in zip(start, end, strict=True))
    x = np.arange(columns.start, columns.stop, dtype=np.float32) - start[0]  # (columns,)
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - start[1]  # (rows, 1)
    dx, dy = end[0] - start[0], end[1] - start[1]
    t = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)  # (rows, columns)
    near = (x - t * dx) ** 2 + (y - t * dy) ** 2 <= (width / 2) ** 2
    raster[rows, columns][near] = 255


def _reach(start: float, end: float, radius: float) -> slice:
    """The rows or columns of the raster within ``radius`` of two coordinates, or between them."""
    low, high = math.ceil(min(start, end) - radius), math.floor(max(start, end) + radius) + 1
    return slice(min(max(low, 0), CANVAS), min(max(high, 0), CANVAS))
