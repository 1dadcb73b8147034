"""Arrays that somebody hands in: what may be one, and whether it holds nothing but numbers."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnscratch.typing import FloatArray


def as_array(values: ArrayLike, name: str) -> NDArray:
    """``values`` as a plain array. Raises ``ValueError``, by ``name``, for a masked one.

    Its mask would be lost without a word, and what it hides be computed with.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} must be a plain array, not a masked one: fill or drop its gaps")
    return np.asarray(values)


def all_finite(array: FloatArray) -> bool:
    """Whether no entry is NaN or infinite.

    A finite sum of squares has finite terms only, and takes a tenth of the time of
    looking at each; one that is not finite may have overflowed.
    """
    flat = array.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(array).all())


def check_finite(array: FloatArray, name: str) -> None:
    """Raises ``ValueError``, by ``name``, for NaN or infinity."""
    if not all_finite(array):
        value = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} must be finite, got {value}")
