"""Two backward passes that were published wrong, to see what a mistake costs.

Both networks learn all the same, which is why nobody noticed; both compute the same outputs
as the layers that they are made from.
"""

from typing import final

import numpy as np

from nnscratch.layers.activations import Sigmoid
from nnscratch.layers.linear import Linear
from nnscratch.typing import FloatArray


@final
class MisderivedSigmoid(Sigmoid):
    """y = σ(x), with σ′ taken at y where the chain rule takes it at x.

    σ′(y) = σ(y) (1 − σ(y)) lies between 0.197 and 0.25 for every y in (0, 1): the slope of a
    unit hardly depends on its input any more, and a saturated one is moved as if it were not.
    """

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        return super().derivative(self.apply(outputs), out)


@final
class HastyLinear(Linear):
    """z = x W + b, updated before it has sent the error on.

    With g = dL/dz, the layer below gets g (W − η dL/dW)ᵀ where the chain rule says g Wᵀ: the
    weights that plain gradient descent, at the rate η = ``learning_rate``, is about to
    write. The parameters' own gradients are right.
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
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
        self.learning_rate = learning_rate

    def backward(self, gradient: FloatArray) -> FloatArray:
        self.backward_parameters(gradient)
        updated = self.weights - self.learning_rate * self.grad_weights  # (fan_in, fan_out)
        return np.matmul(gradient, updated.T)  # (batch, fan_in)
