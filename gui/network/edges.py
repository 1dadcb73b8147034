"""Edges as smooth threads of light, laid down point by point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.network.columns import Floats


@dataclass(frozen=True, eq=False)
class Threads:
    """The points of threads, (points,) each, float32. ``negative``: what edge they are of."""

    x: Floats
    y: Floats
    light: Floats
    negative: NDArray[np.bool_]

    def planes(self, left: int, right: int, height: int) -> Floats:
        """The light of positive and negative edges in some columns of pixels, (2, height, width).

        Each point lights the four pixels around it, the nearer the more.
        """
        here = np.flatnonzero((self.x >= left - 1) & (self.x < right))
        x, y, light = self.x[here] - (left - 1), self.y[here], self.light[here]
        width = right - left + 2  # what falls beside the strip from a point at its edge, too
        column, row = np.floor(x), np.floor(y)
        beyond, below = x - column, y - row
        place = (self.negative[here] * height + row.astype(np.intp)) * width
        place += column.astype(np.intp)
        upper, lower = light * (1 - below), light * below
        planes = np.zeros(2 * height * width, np.float32)
        # All float32 like the planes: with another type beside it, np.add.at is 30 times slower.
        np.add.at(planes, place, upper * (1 - beyond))
        np.add.at(planes, place + 1, upper * beyond)
        np.add.at(planes, place + width, lower * (1 - beyond))
        np.add.at(planes, place + width + 1, lower * beyond)
        return planes.reshape(2, height, width)[:, :, 1:-1]


def threads(ends: Floats, strength: Floats) -> Threads:
    """One thread for each edge; ``ends`` are x₀, y₀, x₁, y₁, (4, edges).

    ``strength``: the light (edges,) that a pixel of it gets at most, with the sign of the edge.

    An edge leaves and arrives horizontally, y(t) = y₀ + (y₁ − y₀)(3t² − 2t³). It is laid
    down in steps of a pixel at most, each weighted by its length, so that a thread is
    smooth and equally bright however steep it runs.
    """
    x0, y0, x1, y1 = ends
    dx, dy = x1 - x0, y1 - y0
    steps = np.maximum(np.abs(dx), 1.5 * np.abs(dy)).astype(np.intp) + 1  # (edges,)
    first = np.cumsum(steps) - steps
    edges = np.stack([x0, y0, dx, dy, np.abs(strength) / steps, 1 / steps, first])
    # Repeating rows takes a third of looking each up by the number of its edge.
    points = np.repeat(edges.astype(np.float32), steps, axis=1)  # (7, points)
    x, y, dx, dy, light, step, first = points
    t = (np.arange(len(x), dtype=np.float32) - first + 0.5) * step
    # np.hypot takes ten times as long as the root.
    length = np.sqrt(dx * dx + np.square(6 * dy * t * (1 - t)))
    return Threads(
        x=x + dx * t,
        y=y + dy * t * t * (3 - 2 * t),
        light=light * length,
        negative=np.repeat(strength < 0, steps),
    )
