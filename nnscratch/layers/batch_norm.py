"""Batch normalization: every feature gets mean 0 and variance 1, then a learned scale and shift."""

from typing import final

import numpy as np

from nnscratch.checks import check_count, check_positive, check_share
from nnscratch.layers.layer import ParametricLayer
from nnscratch.typing import FloatArray


@final
class BatchNorm(ParametricLayer):
    """y = γ x̂ + β with x̂ = (x − μ) / σ, each feature separately (Ioffe & Szegedy 2015).

    In training μ and σ are measured on the batch of B samples:
        μ = (1/B) Σ x,   σ² = ε + (1/B) Σ (x − μ)².

    Backward. dL/dγ = Σ g x̂ and dL/dβ = Σ g. Every x_i acts through its own x̂_i, through μ and
    through σ, so with δ_ij = 1 if i = j, else 0,
        ∂x̂_j/∂x_i = (δ_ij − 1/B − x̂_j x̂_i / B) / σ,
        dL/dx = (γ/σ) (g − (dL/dβ + x̂ dL/dγ) / B):
    g without its mean and without its share along x̂. The output does not depend on these two.

    In prediction μ and σ² are running means r ← (1 − m) r + m · b, where b is the value of the
    batch and m the momentum. For σ² the batch gives the unbiased estimate, B/(B − 1) times its
    variance. In a batch of one, x̂ = 0: the outputs are the shift and dL/dx = 0. The running
    statistics stay as they are, since one sample shows no variance.
    """

    scale: FloatArray  # γ, (size,)
    shift: FloatArray  # β, (size,)
    grad_scale: FloatArray  # (size,)
    grad_shift: FloatArray  # (size,)
    running_mean: FloatArray  # (size,)
    running_variance: FloatArray  # (size,)

    def __init__(self, size: int, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        check_count("size", size)
        check_share("momentum", momentum)
        check_positive("epsilon", epsilon)
        super().__init__(
            (size, size),
            {"scale": (size,), "shift": (size,)},
            statistics={"running_mean": (size,), "running_variance": (size,)},
        )
        self.size, self.momentum, self.epsilon = size, momentum, epsilon

    def initialize(self, rng: np.random.Generator) -> None:
        self.scale[:], self.shift[:] = 1, 0
        self.running_mean[:], self.running_variance[:] = 0, 1

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        # Centred first: scaling x and μ apart would lose digits where |μ| ≫ σ.
        outputs = np.subtract(inputs, self.running_mean, out=out)
        outputs *= self.scale / np.sqrt(self.running_variance + self.epsilon)
        outputs += self.shift
        return outputs

    def forward(self, inputs: FloatArray) -> FloatArray:
        normalized = self._buffers.get("normalized", inputs.shape, inputs.dtype)
        outputs = self._buffers.get("outputs", inputs.shape, inputs.dtype)
        mean = inputs.mean(axis=0)  # (size,)
        np.subtract(inputs, mean, out=normalized)
        variance = np.square(normalized, out=outputs).mean(axis=0)  # (size,)
        self._track(mean, variance, len(inputs))

        self._deviation = np.sqrt(variance + self.epsilon)  # σ
        normalized /= self._deviation
        self._normalized = normalized  # x̂
        np.multiply(normalized, self.scale, out=outputs)
        outputs += self.shift
        return outputs

    def _track(self, mean: FloatArray, variance: FloatArray, batch: int) -> None:
        """Moves the running statistics towards the statistics of a batch."""
        if batch == 1:
            return
        self.running_mean += self.momentum * (mean - self.running_mean)
        unbiased = variance * (batch / (batch - 1))
        self.running_variance += self.momentum * (unbiased - self.running_variance)

    def backward_parameters(self, gradient: FloatArray) -> None:
        np.einsum("bk,bk->k", gradient, self._normalized, out=self.grad_scale)
        np.sum(gradient, axis=0, out=self.grad_shift)

    def backward(self, gradient: FloatArray) -> FloatArray:
        self.backward_parameters(gradient)
        out = self._buffers.get("gradient", gradient.shape, gradient.dtype)
        batch = len(gradient)
        np.multiply(self._normalized, self.grad_scale / -batch, out=out)
        out -= self.grad_shift / batch
        out += gradient
        out *= self.scale / self._deviation  # γ/σ
        return out

    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        slope = self.scale / np.sqrt(self.running_variance + self.epsilon)
        return np.multiply(gradient, slope, out=out)
