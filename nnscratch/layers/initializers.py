"""Initializers: functions ``(rng, shape) -> array`` for weights of shape ``(fan_in, fan_out)``.

With z = Σᵢ xᵢ wᵢ over fan_in independent terms, Var z = fan_in · E[x²] · Var w.
The variance-preserving initializers choose Var w so that signals neither vanish nor
explode from layer to layer; ``docs/derivations.md`` has the full argument.

An activation makes the signal smaller. A ``gain`` compensates with larger weights:
``xavier_normal:tanh`` is ``xavier_normal`` with the gain of tanh.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from nnscratch.checks import check_choice
from nnscratch.typing import FloatArray

Shape: TypeAlias = tuple[int, ...]
Initializer: TypeAlias = Callable[[np.random.Generator, Shape], FloatArray]


def zeros(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """All zero: all units of a layer compute and learn the same."""
    return np.zeros(shape)


def constant(rng: np.random.Generator, shape: Shape, value: float = 0.1) -> FloatArray:
    """All equal: symmetric like ``zeros``, but the outputs depend on the inputs."""
    return np.full(shape, value)


def uniform(rng: np.random.Generator, shape: Shape, bound: float = 0.5) -> FloatArray:
    """U(−bound, bound), for a layer of any size."""
    return rng.uniform(-bound, bound, shape)


def normal(rng: np.random.Generator, shape: Shape, std: float = 0.01) -> FloatArray:
    """N(0, std²), for a layer of any size."""
    return rng.normal(0.0, std, shape)


def xavier_uniform(rng: np.random.Generator, shape: Shape, gain: float = 1.0) -> FloatArray:
    """U(−a, a) with a = gain · √(6 / (fan_in + fan_out)): Glorot & Bengio 2010, eq. 16."""
    return uniform(rng, shape, bound=gain * float(np.sqrt(6 / sum(shape))))


def xavier_normal(rng: np.random.Generator, shape: Shape, gain: float = 1.0) -> FloatArray:
    """N(0, gain² · 2 / (fan_in + fan_out)): Glorot & Bengio 2010, eq. 12."""
    return normal(rng, shape, std=gain * float(np.sqrt(2 / sum(shape))))


def he_uniform(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """U(−a, a) with a = √(6 / fan_in): the variance of ``he_normal``."""
    return uniform(rng, shape, bound=float(np.sqrt(6 / shape[0])))


def he_normal(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """N(0, 2 / fan_in): He et al. 2015, eq. 10. ReLU drops half of E[x²], the 2 restores it."""
    return normal(rng, shape, std=float(np.sqrt(2 / shape[0])))


def orthogonal(rng: np.random.Generator, shape: Shape, gain: float = 1.0) -> FloatArray:
    """gain · Q with orthonormal columns (or rows, if there are fewer): Saxe et al. 2014.

    A product of any number of such matrices keeps the length of every vector. Q comes from a
    normal matrix A = Q R. It is uniform over all orthogonal matrices once the signs of R's
    diagonal, which depend on the algorithm, are removed (Mezzadri 2007).
    """
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q *= gain * np.sign(np.diag(r))
    return q if shape[0] >= shape[1] else q.T


_ANY_SIZE = (zeros, constant, uniform, normal)
_SCALED_TO_SIZE = (xavier_uniform, xavier_normal, he_uniform, he_normal, orthogonal)

INITIALIZERS: dict[str, Initializer] = {draw.__name__: draw for draw in _ANY_SIZE + _SCALED_TO_SIZE}

GAINS: dict[str, float] = {
    "linear": 1.0,
    "relu": math.sqrt(2),  # E[f(z)²] = ½ for z ~ N(0, 1)
    "leaky_relu": math.sqrt(2 / (1 + 0.01**2)),  # (1 + a²) / 2
    "elu": 1.2452,  # 1 / √0.64495, the integral of ELU² under the normal density
    "sigmoid": 1.0,  # by custom: no gain centres a sigmoid
    "tanh": 5 / 3,  # by custom: about the fixed point of a deep tanh network
}
"""The factor by which each activation needs larger weights; PyTorch's values where it has one."""

_SCALES = {
    "constant": "value",
    "uniform": "bound",
    "normal": "std",
    "xavier_uniform": "gain",
    "xavier_normal": "gain",
    "orthogonal": "gain",
}


def initializer(name: str) -> Initializer:
    """The initializer of this name; ``"normal:0.5"`` also sets its scale.

    The scale is ``constant``'s value (default 0.1), ``uniform``'s bound (0.5),
    ``normal``'s standard deviation (0.01), or the gain (1) of ``xavier_*`` and
    ``orthogonal``, which may be named after the activation: ``"orthogonal:tanh"``. The
    others take none: He's contain the gain of ReLU.
    """
    base, colon, scale = name.partition(":")
    check_choice("initialization", base, INITIALIZERS)
    if not colon:
        return INITIALIZERS[base]
    if base not in _SCALES:
        raise ValueError(f"initialization {base!r} takes no scale, got {name!r}: write {base!r}")
    try:
        value = GAINS[scale] if _SCALES[base] == "gain" and scale in GAINS else float(scale)
    except ValueError:
        value = math.nan
    if not np.isfinite(value) or (base != "constant" and value < 0):
        expected = "a number" if base == "constant" else "0 or a positive number"
        raise ValueError(f"the scale in {name!r} must be {expected}, as in '{base}:0.1'")
    return partial(INITIALIZERS[base], **{_SCALES[base]: value})
