"""Dropout: units are switched off at random, so that no unit can rely on a particular other one."""

from typing import final

import numpy as np

from nnscratch.checks import check_fraction
from nnscratch.layers.layer import Layer
from nnscratch.typing import FloatArray


@final
class Dropout(Layer):
    """y = x ⊙ m in training, y = x in prediction (Srivastava et al. 2014).

    Each entry of the mask m is 0 with probability ``rate``, else 1 / (1 − rate): so
    E[y] = x, and prediction needs no scaling ("inverted" dropout).
    Backward: dL/dx = g ⊙ m.

    The masks come from ``generator``, which the network replaces by its own.
    """

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        check_fraction("a dropout rate", rate)
        self.rate = rate
        self.generator = np.random.default_rng(0)

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        if out is None:
            return inputs
        np.copyto(out, inputs)
        return out

    def forward(self, inputs: FloatArray) -> FloatArray:
        self._mask = self._buffers.get("mask", inputs.shape, inputs.dtype)
        self.generator.random(dtype=inputs.dtype, out=self._mask)  # U[0, 1)
        np.greater_equal(self._mask, self.rate, out=self._mask)
        self._mask *= 1 / (1 - self.rate)
        out = self._buffers.get("outputs", inputs.shape, inputs.dtype)
        return np.multiply(inputs, self._mask, out=out)

    def backward(self, gradient: FloatArray) -> FloatArray:
        out = self._buffers.get("gradient", gradient.shape, gradient.dtype)
        return np.multiply(gradient, self._mask, out=out)

    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        return self.apply(gradient, out)
