"""Gradient clipping: it bounds the length of the gradient and keeps its direction."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from nnscratch.checks import check_positive
from nnscratch.typing import FloatArray

Clip: TypeAlias = Callable[[FloatArray], None]
"""Changes a flat vector of gradients in place."""


def norm_clipping(maximum: float) -> Clip:
    """g ← g · c / ‖g‖ where ‖g‖ exceeds c, the norm over all parameters (Pascanu et al. 2013).

    The direction stays the same; to clip each entry by itself would change it. Raises
    ``ValueError`` unless the maximum is positive and finite.
    """
    check_positive("max_gradient_norm", maximum)

    def clip(gradients: FloatArray) -> None:
        norm = global_norm(gradients)
        if norm > maximum:
            gradients *= maximum / norm

    return clip


def no_clipping(gradients: FloatArray) -> None:
    """g ← g."""


def global_norm(vector: FloatArray) -> float:
    """‖v‖, also where the float32 sum of the squares overflows (‖v‖ > 10¹⁹)."""
    with np.errstate(over="ignore"):
        squared = float(np.dot(vector, vector))
    if math.isfinite(squared):
        return math.sqrt(squared)
    return float(np.linalg.norm(vector.astype(np.float64)))
