"""The edges as light in the picture: smooth curves, made of points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.network.columns import Floats


@dataclass(frozen=True, eq=False)
class EdgeCurves:
    """The points of all curves, (points,) each, float32. ``negative``: the sign of their edge."""

    x: Floats
    y: Floats
    light: Floats
    negative: NDArray[np.bool_]

    def planes(self, left: int, right: int, height: int) -> Floats:
        """The light of positive and negative edges between two x, (2, height, width).

        Each point lights the four pixels around it: the nearer, the brighter.
        """
        here = np.flatnonzero((self.x >= left - 1) & (self.x < right))
        x, y, light = self.x[here] - (left - 1), self.y[here], self.light[here]
        width = right - left + 2  # with a margin for points at the border of the strip
        column, row = np.floor(x), np.floor(y)
        beyond, below = x - column, y - row
        place = (self.negative[here] * height + row.astype(np.intp)) * width
        place += column.astype(np.intp)
        upper, lower = light * (1 - below), light * below
        planes = np.zeros(2 * height * width, np.float32)
        # All float32 like the planes: with mixed types np.add.at is 30 times slower.
        np.add.at(planes, place, upper * (1 - beyond))
        np.add.at(planes, place + 1, upper * beyond)
        np.add.at(planes, place + width, lower * (1 - beyond))
        np.add.at(planes, place + width + 1, lower * beyond)
        return planes.reshape(2, height, width)[:, :, 1:-1]


def edge_curves(ends: Floats, strength: Floats) -> EdgeCurves:
    """One curve for each edge. ``ends`` are x₀, y₀, x₁, y₁, (4, edges).

    ``strength``: the most light that a pixel of the curve gets, with the edge's sign, (edges,).

    A curve leaves and arrives horizontally: y(t) = y₀ + (y₁ − y₀)(3t² − 2t³). Its points are
    at most one pixel apart, and each is weighted by the length of its step. So the curve is
    smooth, and equally bright where it is steep and where it is flat.
    """
    x0, y0, x1, y1 = ends
    dx, dy = x1 - x0, y1 - y0
    steps = np.maximum(np.abs(dx), 1.5 * np.abs(dy)).astype(np.intp) + 1  # (edges,)
    first = np.cumsum(steps) - steps
    edges = np.stack([x0, y0, dx, dy, np.abs(strength) / steps, 1 / steps, first])
    # np.repeat takes a third of the time of indexing by the number of the edge.
    points = np.repeat(edges.astype(np.float32), steps, axis=1)  # (7, points)
    x, y, dx, dy, light, step, first = points
    t = (np.arange(len(x), dtype=np.float32) - first + 0.5) * step
    # np.hypot takes ten times as long.
    length = np.sqrt(dx * dx + np.square(6 * dy * t * (1 - t)))
    return EdgeCurves(
        x=x + dx * t,
        y=y + dy * t * t * (3 - 2 * t),
        light=light * length,
        negative=np.repeat(strength < 0, steps),
    )
