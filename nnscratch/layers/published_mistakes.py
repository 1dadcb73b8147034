"""Two published mistakes in the backward pass, to measure what they cost.

Networks with these mistakes still learn, so nobody noticed them.
"""

from typing import final

import numpy as np

from nnscratch.checks import check_positive
from nnscratch.layers.activations import Elementwise, Sigmoid
from nnscratch.layers.linear import AbstractLinear
from nnscratch.typing import FloatArray


@final
class MisderivedSigmoid(Elementwise):
    """y = σ(x), with σ′ taken at y where the chain rule takes it at x.

    σ′(y) = σ(y) (1 − σ(y)) lies between 0.197 and 0.25 for every y in (0, 1). So the slope of a
    unit hardly depends on its input, and a saturated unit moves as if it were not saturated.
    """

    def __init__(self) -> None:
        super().__init__()
        self._correct = Sigmoid()

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return self._correct.apply(inputs, out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        return self._correct.derivative(self._correct.apply(outputs), out)


@final
class HastyLinear(AbstractLinear):
    """z = x W + b, updated before the gradient is passed on.

    With g = dL/dz, the layer below receives g (W − η dL/dW)ᵀ where the chain rule says g Wᵀ.
    These are the weights after the coming step of plain gradient descent at the rate
    η = ``learning_rate``. The gradients of the layer's own parameters are correct.
    """

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        *,
        learning_rate: float,
        init: str = "he_normal",
        bias_init: str = "zeros",
    ) -> None:
        super().__init__(fan_in, fan_out, init=init, bias_init=bias_init)
        check_positive("learning_rate", learning_rate)
        self.learning_rate = learning_rate

    def backward(self, gradient: FloatArray) -> FloatArray:
        self.backward_parameters(gradient)
        updated = self.weights - self.learning_rate * self.grad_weights  # (fan_in, fan_out)
        return np.matmul(gradient, updated.T)  # (batch, fan_in)
