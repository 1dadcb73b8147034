"""Checks of what comes from outside: the ranges of arguments, and arrays.

Arrays that the core has made itself are not checked again.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnscratch.typing import FloatArray

# --- numbers: each raises ``ValueError`` with the name and the value --------------------------


def check_positive(name: str, value: float) -> None:
    """0 < value < ∞."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {value}")


def check_not_negative(name: str, value: float) -> None:
    """0 ≤ value < ∞."""
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be 0 or a positive number, got {value}")


def check_fraction(name: str, value: float) -> None:
    """0 ≤ value < 1."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value}")


def check_count(name: str, value: int) -> None:
    """A whole number of 1 or more."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, got {value}")


# --- arrays -----------------------------------------------------------------------------------


def as_array(values: ArrayLike, name: str) -> NDArray:
    """``values`` as a plain array. Raises ``ValueError`` for a masked one.

    NumPy would drop its mask without a word, and the core would compute with the masked values.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} must be a plain array, not a masked one: fill or drop its gaps")
    return np.asarray(values)


def as_outputs_and_targets(outputs: ArrayLike, targets: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both as arrays (batch, classes). Raises ``ValueError`` if they don't match.

    That the targets are one-hot, or another distribution, is not checked: it would take longer
    than the loss.
    """
    if type(outputs) is not np.ndarray or type(targets) is not np.ndarray:
        outputs, targets = as_array(outputs, "outputs"), as_array(targets, "targets")
    if outputs.shape != targets.shape or outputs.ndim != 2 or outputs.size == 0:
        raise ValueError(
            f"outputs {outputs.shape} and targets {targets.shape} must have one shape "
            "(batch, classes): encode class indices with one_hot(labels, classes)"
        )
    if outputs.dtype.kind != "f" or targets.dtype.kind not in "buif":
        raise ValueError(
            f"outputs must be floats and targets numbers, got {outputs.dtype} and {targets.dtype}"
        )
    return outputs, targets


def all_finite(array: FloatArray) -> bool:
    """Whether no entry is NaN or infinite.

    If the sum of squares is finite, every entry is: this takes a tenth of the time of a look
    at each entry. If the sum is not finite, it may merely have overflowed.
    """
    flat = array.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(np.dot(flat, flat)) or bool(np.isfinite(array).all())


def check_finite(array: FloatArray, name: str) -> None:
    """Raises ``ValueError`` for NaN or infinity."""
    if not all_finite(array):
        value = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} must be finite, got {value}")
