"""Layers: a formula, its memory, and its gradient. Rows are samples everywhere.

Each layer offers the same three operations:

``apply``     the pure formula, safe to call at any time from any thread;
``forward``   the formula as training uses it, remembering what ``backward`` needs;
``backward``  the chain rule: dL/d(outputs) in, dL/d(inputs) out.

The arrays that ``forward`` and ``backward`` return are buffers of the layer: the
next call overwrites them. No layer writes into an array that it was given.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, final

import numpy as np

from nnscratch.buffers import Buffers
from nnscratch.initializers import initializer
from nnscratch.typing import FloatArray


class Layer(ABC):
    """One differentiable step of a network: ``(batch, fan_in) -> (batch, fan_out)``."""

    def __init__(self) -> None:
        self._buffers = Buffers()

    @abstractmethod
    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """The formula as prediction uses it, written into ``out`` if given."""

    @abstractmethod
    def forward(self, inputs: FloatArray) -> FloatArray:
        """The formula as training uses it; remembers what ``backward`` needs."""

    @abstractmethod
    def backward(self, gradient: FloatArray) -> FloatArray:
        """dL/d(inputs) from dL/d(outputs) of the last ``forward``."""

    def settings(self) -> dict[str, Any]:
        """The constructor arguments that rebuild this layer, as JSON values."""
        return {}

    def output_size(self, input_size: int) -> int:
        """How many features come out when ``input_size`` go in; raises ValueError if they can't."""
        return input_size


class ParametricLayer(Layer):
    """A layer that learns. Its parameters are views into the network's flat vectors."""

    @property
    @abstractmethod
    def parameter_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The name and shape of each parameter, in the order of the flat vector."""

    @abstractmethod
    def initialize(self, rng: np.random.Generator) -> None:
        """Writes the starting values into the parameters."""

    @abstractmethod
    def backward_parameters(self, gradient: FloatArray) -> None:
        """Overwrites the parameter gradients: the part of ``backward`` that the first layer needs.

        Nobody asks for the gradient of the pixels, and the product that would give
        it is a tenth to a third of a training step.
        """

    @final
    def bind(self, parameters: Mapping[str, FloatArray], gradients: Mapping[str, FloatArray]):
        """Takes each named parameter and its gradient as ``self.name`` and ``self.grad_name``."""
        for name in self.parameter_shapes:
            setattr(self, name, parameters[name])
            setattr(self, f"grad_{name}", gradients[name])


@final
class Linear(ParametricLayer):
    """z = x W + b, with W of shape (fan_in, fan_out).

    Backward, for upstream gradient g = dL/dz of shape (batch, fan_out):
        dL/dW = xᵀ g,   dL/db = Σ_batch g,   dL/dx = g Wᵀ.
    """

    weights: FloatArray  # (fan_in, fan_out)
    biases: FloatArray  # (fan_out,)
    grad_weights: FloatArray  # (fan_in, fan_out)
    grad_biases: FloatArray  # (fan_out,)

    def __init__(
        self, fan_in: int, fan_out: int, *, init: str = "he_normal", bias_init: str = "zeros"
    ) -> None:
        super().__init__()
        if fan_in < 1 or fan_out < 1:
            raise ValueError(f"a Linear layer needs sizes of 1 or more, got {fan_in} -> {fan_out}")
        self.fan_in, self.fan_out = fan_in, fan_out
        self.init, self.bias_init = init, bias_init
        self._draw_weights, self._draw_biases = initializer(init), initializer(bias_init)

    @property
    def parameter_shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {"weights": (self.fan_in, self.fan_out), "biases": (self.fan_out,)}

    def initialize(self, rng: np.random.Generator) -> None:
        self.weights[:] = self._draw_weights(rng, self.weights.shape)
        # Drawn as (fan_in, fan_out) = (1, fan_out): a bias is the weight of one constant input.
        self.biases[:] = self._draw_biases(rng, (1, self.fan_out))[0]

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.matmul(inputs, self.weights, out=out)  # (batch, fan_out)
        outputs += self.biases
        return outputs

    def forward(self, inputs: FloatArray) -> FloatArray:
        self._inputs = inputs
        shape = (len(inputs), self.fan_out)
        return self.apply(inputs, out=self._buffers.get("outputs", shape, inputs.dtype))

    def backward_parameters(self, gradient: FloatArray) -> None:
        np.matmul(self._inputs.T, gradient, out=self.grad_weights)
        np.sum(gradient, axis=0, out=self.grad_biases)

    def backward(self, gradient: FloatArray) -> FloatArray:
        self.backward_parameters(gradient)
        out = self._buffers.get("gradient", self._inputs.shape, gradient.dtype)
        return np.matmul(gradient, self.weights.T, out=out)  # (batch, fan_in)

    def settings(self) -> dict[str, Any]:
        return {
            "fan_in": self.fan_in,
            "fan_out": self.fan_out,
            "init": self.init,
            "bias_init": self.bias_init,
        }

    def output_size(self, input_size: int) -> int:
        if input_size != self.fan_in:
            raise ValueError(
                f"a Linear layer of fan_in {self.fan_in} was given {input_size} features"
            )
        return self.fan_out


class Activation(Layer):
    """An elementwise y = f(x) whose derivative is a formula in y alone.

    Backward: dL/dx = g ⊙ f′(x), with f′ computed from the outputs, so that one
    array is remembered instead of two.
    """

    @abstractmethod
    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        """f′(x) in terms of y = f(x), written into ``out``."""

    @final
    def forward(self, inputs: FloatArray) -> FloatArray:
        out = self._buffers.get("outputs", inputs.shape, inputs.dtype)
        self._outputs = self.apply(inputs, out=out)
        return self._outputs

    @final
    def backward(self, gradient: FloatArray) -> FloatArray:
        out = self._buffers.get("gradient", gradient.shape, gradient.dtype)
        slope = self.derivative(self._outputs, out=out)
        return np.multiply(slope, gradient, out=out)


@final
class ReLU(Activation):
    """y = max(x, 0);  f′ = 1 where y > 0, else 0 (also at the kink, as is the custom)."""

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return np.maximum(inputs, 0, out=out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        return np.greater(outputs, 0, out=out)


@final
class Sigmoid(Activation):
    """y = 1 / (1 + e⁻ˣ);  f′ = y (1 − y).

    Computed as (1 + tanh(x/2)) / 2, where no exponential can overflow.
    """

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.multiply(inputs, 0.5, out=out)
        np.tanh(outputs, out=outputs)
        outputs += 1
        outputs *= 0.5
        return outputs

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.subtract(1, outputs, out=out)
        return np.multiply(outputs, out, out=out)


@final
class Tanh(Activation):
    """y = tanh x;  f′ = 1 − y²."""

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return np.tanh(inputs, out=out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.square(outputs, out=out)
        return np.subtract(1, out, out=out)


@final
class Softmax(Layer):
    """p_k = e^{x_k} / Σ_j e^{x_j}, each row a distribution; the row's maximum is taken out first.

    Backward, with the Jacobian ∂p_k/∂x_j = p_k (δ_kj − p_j):
        dL/dx = p ⊙ (g − Σ_k g_k p_k).

    Before ``CrossEntropyLoss`` this is the long way round: ``SoftmaxCrossEntropyLoss``
    on the logits is shorter, faster and does not underflow.
    """

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.subtract(inputs, inputs.max(axis=1, keepdims=True), out=out)
        np.exp(outputs, out=outputs)
        outputs /= outputs.sum(axis=1, keepdims=True)
        return outputs

    def forward(self, inputs: FloatArray) -> FloatArray:
        out = self._buffers.get("outputs", inputs.shape, inputs.dtype)
        self._outputs = self.apply(inputs, out=out)
        return self._outputs

    def backward(self, gradient: FloatArray) -> FloatArray:
        out = self._buffers.get("gradient", gradient.shape, gradient.dtype)
        expected = np.multiply(gradient, self._outputs, out=out).sum(axis=1, keepdims=True)
        np.subtract(gradient, expected, out=out)
        return np.multiply(self._outputs, out, out=out)


LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer for layer in (Linear, ReLU, Sigmoid, Tanh, Softmax)
}
"""Every layer by the name under which a checkpoint describes it."""

ACTIVATIONS: dict[str, type[Activation]] = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}
"""Every hidden activation by the name that a config gives it."""
