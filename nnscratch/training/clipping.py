"""Gradient clipping: a step may go in any direction, but not too far."""

import math

import numpy as np

from nnscratch.optimizers import Step
from nnscratch.typing import FloatArray


def norm_clipping(maximum: float) -> Step:
    """g ← g · c / ‖g‖ where ‖g‖ exceeds c, the norm over all parameters (Pascanu et al. 2013).

    The direction stays; clipping each entry by itself would turn it. The result takes
    ``(parameters, gradients)`` as an optimizer's step does. Raises ``ValueError``
    unless the maximum is positive and finite.
    """
    if not 0 < maximum < float("inf"):
        raise ValueError(f"max_gradient_norm must be positive and finite, got {maximum}")

    def clip(parameters: FloatArray, gradients: FloatArray) -> None:
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
