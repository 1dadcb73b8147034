"""The edges that matter most for one answer, and where they run in the picture."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.network.columns import Column, Floats

Indices: TypeAlias = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Edges:
    """Some edges of one stage, (edges,) each. ``shares``: what each adds to the answer's logit."""

    sources: Indices
    targets: Indices
    shares: Floats


def strongest(values: Floats, weights: Floats, gradient: Floats, count: int) -> Edges:
    """The ``count`` edges with the largest |xᵢ wᵢⱼ ∂z/∂yⱼ|, without those where it is 0.

    x are the ``values`` of the sources (fan_in,), w the ``weights`` (fan_in, fan_out), and
    ∂z/∂y is the ``gradient`` of one logit with respect to what the edges add up to (fan_out,).
    In a network of ReLUs without biases, the shares of all edges of a stage add up to z.
    """
    sources, targets = np.flatnonzero(values), np.flatnonzero(gradient)
    shares = values[sources, None] * weights[np.ix_(sources, targets)] * gradient[targets]
    chosen = _largest(np.abs(shares).ravel(), count)
    chosen = chosen[shares.ravel()[chosen] != 0]
    row, column = np.divmod(chosen, max(len(targets), 1))
    return Edges(sources[row], targets[column], shares.ravel()[chosen])


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
