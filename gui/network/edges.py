"""The strongest edges of a network for one image, and where they run in the picture."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.network.columns import Column, Floats

Indices: TypeAlias = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Edges:
    """Some edges of one stage, (edges,) each. ``carried`` is weight × value."""

    sources: Indices
    targets: Indices
    carried: Floats


def strongest(values: Floats, weights: Floats, largest_weights: Floats, count: int) -> Edges:
    """The ``count`` edges with the largest |weight × value|, of weights (fan_in, fan_out).

    ``largest_weights`` is the largest |weight| of each source, so |value| · largest_weights is
    the source's strongest edge. Any edge of a source outside the ``count`` best has at least
    ``count`` stronger edges. So only these sources are examined: that is exact, and it skips
    most of a large matrix.
    """
    sources = _largest(np.abs(values) * largest_weights, count)
    carried = (values[sources, None] * weights[sources]).ravel()  # (sources · fan_out,)
    chosen = _largest(np.abs(carried), count)
    chosen = chosen[carried[chosen] != 0]
    row, targets = np.divmod(chosen, weights.shape[1])
    return Edges(sources[row], targets, carried[chosen])


def ends(edges: Edges, start: Column, end: Column) -> Floats:
    """Start and end of each edge between two columns: x₀, y₀, x₁, y₁, (4, edges)."""
    (x0, y0), (x1, y1) = start.centres, end.centres
    leaving = x0[edges.sources] + start.pitch / 2, y0[edges.sources]
    arriving = x1[edges.targets] - end.pitch / 2, y1[edges.targets]
    return np.stack([*leaving, *arriving]).astype(np.float32)


def _largest(values: Floats, count: int) -> Indices:
    """The indices of the ``count`` largest values, in no particular order."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, -count)[-count:]
