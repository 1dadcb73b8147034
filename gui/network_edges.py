"""The strongest edges of a network for one image, and the threads of light that draw them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.network_layout import Column, Floats

Indices: TypeAlias = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Edges:
    """Some edges of one layer; ``carried`` is weight × value. (edges,) each."""

    sources: Indices
    targets: Indices
    carried: Floats


def strongest(values: Floats, weights: Floats, reach: Floats, count: int) -> Edges:
    """The ``count`` edges with the largest |weight × value|, of weights (fan_in, fan_out).

    ``reach`` is the largest |weight| that leaves each source, so |value| · reach is that
    source's best edge. An edge from outside the ``count`` best sources has that many
    before it: looking only at those is exact and spares most of a large matrix.
    """
    sources = _largest(np.abs(values) * reach, count)
    carried = (values[sources, None] * weights[sources]).ravel()  # (sources · fan_out,)
    chosen = _largest(np.abs(carried), count)
    chosen = chosen[carried[chosen] != 0]
    row, targets = np.divmod(chosen, weights.shape[1])
    return Edges(sources[row], targets, carried[chosen])


def ends(edges: Edges, start: Column, end: Column) -> Floats:
    """From where to where each edge runs between two columns: x₀, y₀, x₁, y₁, (4, edges)."""
    (x0, y0), (x1, y1) = start.centres, end.centres
    leaving = x0[edges.sources] + start.pitch / 2, y0[edges.sources]
    arriving = x1[edges.targets] - end.pitch / 2, y1[edges.targets]
    return np.stack([*leaving, *arriving]).astype(np.float32)


def thread(planes: Floats, ends: Floats, strength: Floats) -> None:
    """Adds the light of edges to ``planes`` (2, height, width): of positive and of negative ones.

    An edge leaves and arrives horizontally, y(t) = y₀ + (y₁ − y₀)(3t² − 2t³). It is laid
    down in steps of a pixel at most, each weighted by its length, so that a thread is
    smooth and equally bright however steep it runs.
    """
    x0, y0, x1, y1 = ends
    dx, dy = x1 - x0, y1 - y0
    steps = np.maximum(np.abs(dx), 1.5 * np.abs(dy)).astype(np.intp) + 1
    edge = np.repeat(np.arange(len(steps)), steps)  # (points,)
    first = np.cumsum(steps) - steps
    t = ((np.arange(len(edge)) - first[edge] + 0.5) / steps[edge]).astype(np.float32)
    x, y = x0[edge] + dx[edge] * t, y0[edge] + dy[edge] * t * t * (3 - 2 * t)
    length = np.hypot(dx[edge], 6 * dy[edge] * t * (1 - t))
    light = (np.abs(strength) / steps).astype(np.float32)[edge] * length
    _splat(planes, (strength < 0)[edge], x, y, light)


def _splat(planes: Floats, plane: NDArray[np.bool_], x: Floats, y: Floats, light: Floats) -> None:
    """Adds each point's light to the four pixels around it, the nearer the more."""
    _, height, width = planes.shape
    column, row = np.floor(x), np.floor(y)
    right, down = x - column, y - row
    place = (plane * height + row.astype(np.intp)) * width + column.astype(np.intp)
    upper, lower = light * (1 - down), light * down
    flat = planes.reshape(-1)
    # All float32 like the planes: with another type beside it, np.add.at is 30 times slower.
    np.add.at(flat, place, upper * (1 - right))
    np.add.at(flat, place + 1, upper * right)
    np.add.at(flat, place + width, lower * (1 - right))
    np.add.at(flat, place + width + 1, lower * right)


def _largest(values: Floats, count: int) -> Indices:
    """Where the ``count`` largest are, in no particular order."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, -count)[-count:]
