"""Where the weights start: functions ``(rng, shape) -> array``, shape ``(fan_in, fan_out)``.

With z = Σᵢ xᵢ wᵢ over fan_in independent terms, Var z = fan_in · E[x²] · Var w.
The variance-preserving initializers choose Var w so that signals neither die nor
explode from layer to layer; ``docs/derivations.md`` has the argument in full.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from nnscratch.typing import FloatArray

Shape: TypeAlias = tuple[int, ...]
Initializer: TypeAlias = Callable[[np.random.Generator, Shape], FloatArray]


def zeros(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """All zero: every unit of a layer computes, and learns, the same."""
    return np.zeros(shape)


def constant(rng: np.random.Generator, shape: Shape, value: float = 0.1) -> FloatArray:
    """All equal: symmetric like ``zeros``, but the signal passes."""
    return np.full(shape, value)


def uniform(rng: np.random.Generator, shape: Shape, bound: float = 0.5) -> FloatArray:
    """U(−bound, bound), whatever the size of the layer."""
    return rng.uniform(-bound, bound, shape)


def normal(rng: np.random.Generator, shape: Shape, std: float = 0.01) -> FloatArray:
    """N(0, std²), whatever the size of the layer."""
    return rng.normal(0.0, std, shape)


def xavier_uniform(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """U(−a, a) with a = √(6 / (fan_in + fan_out)): Glorot & Bengio 2010, eq. 16."""
    return uniform(rng, shape, bound=float(np.sqrt(6 / sum(shape))))


def xavier_normal(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """N(0, 2 / (fan_in + fan_out)): Glorot & Bengio 2010, eq. 12."""
    return normal(rng, shape, std=float(np.sqrt(2 / sum(shape))))


def he_uniform(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """U(−a, a) with a = √(6 / fan_in): the variance of ``he_normal``."""
    return uniform(rng, shape, bound=float(np.sqrt(6 / shape[0])))


def he_normal(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """N(0, 2 / fan_in): He et al. 2015, eq. 10. ReLU drops half of E[x²], the 2 restores it."""
    return normal(rng, shape, std=float(np.sqrt(2 / shape[0])))


INITIALIZERS: dict[str, Initializer] = {
    "zeros": zeros,
    "constant": constant,
    "uniform": uniform,
    "normal": normal,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
}

_SCALES = {"constant": "value", "uniform": "bound", "normal": "std"}


def initializer(name: str) -> Initializer:
    """The initializer of this name; ``"normal:0.5"`` also sets its scale.

    The scale is ``constant``'s value (default 0.1), ``uniform``'s bound (0.5) or
    ``normal``'s standard deviation (0.01); the other initializers derive theirs
    from the shape and take none. Raises ``ValueError`` for any other name.
    """
    base, colon, scale = name.partition(":")
    if base not in INITIALIZERS:
        raise ValueError(f"unknown initialization {name!r}: choose {', '.join(INITIALIZERS)}")
    if not colon:
        return INITIALIZERS[base]
    if base not in _SCALES:
        raise ValueError(f"initialization {base!r} takes no scale, got {name!r}: write {base!r}")
    try:
        value = float(scale)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value) or (base != "constant" and value < 0):
        raise ValueError(f"the scale in {name!r} must be a number, as in '{base}:0.1'")
    return partial(INITIALIZERS[base], **{_SCALES[base]: value})
