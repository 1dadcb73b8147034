"""The linear layer: every output is a weighted sum of all inputs."""

from typing import final

import numpy as np

from nnscratch.checks import check_count
from nnscratch.layers.initializers import initializer
from nnscratch.layers.layer import ParametricLayer
from nnscratch.typing import FloatArray


class AbstractLinear(ParametricLayer):
    """z = x W + b and its parameters; a subclass says what ``backward`` passes on."""

    weights: FloatArray  # (fan_in, fan_out)
    biases: FloatArray  # (fan_out,)
    grad_weights: FloatArray  # (fan_in, fan_out)
    grad_biases: FloatArray  # (fan_out,)

    def __init__(
        self, fan_in: int, fan_out: int, *, init: str = "he_normal", bias_init: str = "zeros"
    ) -> None:
        check_count("fan_in", fan_in)
        check_count("fan_out", fan_out)
        shapes = {"weights": (fan_in, fan_out), "biases": (fan_out,)}
        super().__init__((fan_in, fan_out), shapes, decayed=["weights"])
        self.fan_in, self.fan_out = fan_in, fan_out
        self.init, self.bias_init = init, bias_init
        self._draw_weights, self._draw_biases = initializer(init), initializer(bias_init)

    @final
    def initialize(self, rng: np.random.Generator) -> None:
        self.weights[:] = self._draw_weights(rng, self.weights.shape)
        # Drawn as (fan_in, fan_out) = (1, fan_out): a bias is the weight of one constant input.
        self.biases[:] = self._draw_biases(rng, (1, self.fan_out))[0]

    @final
    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.matmul(inputs, self.weights, out=out)  # (batch, fan_out)
        outputs += self.biases
        return outputs

    @final
    def forward(self, inputs: FloatArray) -> FloatArray:
        out = self._buffers.get("outputs", (len(inputs), self.fan_out), inputs.dtype)
        self._inputs, self._outputs = inputs, self.apply(inputs, out)
        return self._outputs

    @final
    def backward_parameters(self, gradient: FloatArray) -> None:
        # For one sample this is an outer product: BLAS would take three times as long.
        product = np.multiply if len(gradient) == 1 else np.matmul
        product(self._inputs.T, gradient, out=self.grad_weights)
        gradient.sum(axis=0, out=self.grad_biases)

    @final
    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        return np.matmul(gradient, self.weights.T, out=out)  # (batch, fan_in)


@final
class Linear(AbstractLinear):
    """z = x W + b, with W of shape (fan_in, fan_out).

    Backward, for upstream gradient g = dL/dz of shape (batch, fan_out):
        dL/dW = xᵀ g,   dL/db = Σ_batch g,   dL/dx = g Wᵀ.
    """

    def backward(self, gradient: FloatArray) -> FloatArray:
        self.backward_parameters(gradient)
        out = self._buffers.get("gradient", self._inputs.shape, gradient.dtype)
        return self.apply_backward(gradient, self._outputs, out)
