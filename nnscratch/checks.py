"""Checks of what comes from outside: the ranges of arguments, and arrays.

Each raises ``ValueError`` with the name and the value. Arrays that the core has made itself are
not checked again.
"""

import math
from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnscratch.typing import FloatArray, IntArray


def check_positive(name: str, value: float) -> None:
    """0 < value < ∞."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {value}")


def check_not_negative(name: str, value: float) -> None:
    """0 ≤ value < ∞."""
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be 0 or a positive number, got {value}")


def check_fraction(name: str, value: float) -> None:
    """0 ≤ value < 1: a part that never takes all."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value}")


def check_share(name: str, value: float) -> None:
    """0 < value ≤ 1: a part that is never empty."""
    if not 0 < value <= 1:
        raise ValueError(f"{name} must lie in (0, 1], got {value}")


def check_between(name: str, value: float, low: float, high: float) -> None:
    """low < value < high."""
    if not low < value < high:
        raise ValueError(f"{name} must lie between {low} and {high}, got {value}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """One of a list of names."""
    if value not in choices:
        raise ValueError(f"unknown {name} {value!r}: choose {', '.join(choices)}")


def check_count(name: str, value: int) -> None:
    """A whole number of 1 or more."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, got {value}")


def as_array(values: ArrayLike, name: str) -> NDArray:
    """``values`` as a plain array: NumPy would silently compute with the values behind a mask."""
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} must be a plain array, not a masked one: fill or drop its gaps")
    return np.asarray(values)


def as_indices(values: ArrayLike, name: str) -> IntArray:
    """``values`` as an array (n,) of integers."""
    array = as_array(values, name)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must be integers of shape (n,), got {array.dtype} of shape {array.shape}"
        )
    return array


def as_outputs_and_targets(outputs: ArrayLike, targets: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both as arrays (batch, classes).

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
