"""Gradient clipping: it bounds the length of the gradient and keeps its direction."""

import math
from collections.abc import Callable

import numpy as np

from nnscratch.checks import check_positive
from nnscratch.typing import FloatArray


def norm_clipping(maximum: float) -> Callable[[FloatArray], None]:
    """g ← g · c / ‖g‖ where ‖g‖ exceeds c, the norm over all parameters (Pascanu et al. 2013)."""
    check_positive("max_gradient_norm", maximum)

    def clip(gradients: FloatArray) -> None:
        norm = global_norm(gradients)
        if norm > maximum:
            gradients *= maximum / norm

    return clip


def global_norm(vector: FloatArray) -> float:
    """‖v‖, also where the float32 sum of the squares overflows (‖v‖ > 10¹⁹)."""
    with np.errstate(over="ignore"):
        squared = float(np.dot(vector, vector))
    if math.isfinite(squared):
        return math.sqrt(squared)
    return float(np.linalg.norm(vector.astype(np.float64)))
