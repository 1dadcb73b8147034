"""Activations: what bends the straight lines between two linear layers, one number at a time."""

from abc import abstractmethod
from typing import final

import numpy as np

from nnscratch.layers.layer import Layer
from nnscratch.typing import FloatArray


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
    def apply_backward(self, gradient: FloatArray, outputs: FloatArray) -> FloatArray:
        return gradient * self.derivative(outputs, out=np.empty_like(outputs))

    @final
    def output_size(self, input_size: int) -> int:
        return input_size


@final
class ReLU(Activation):
    """y = max(x, 0);  f′ = 1 where y > 0, else 0 (also at the kink, as is the custom)."""

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return np.maximum(inputs, 0, out=out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        out[...] = outputs > 0  # half the time of np.greater(…, out=out), which casts in pieces
        return out


@final
class LeakyReLU(Activation):
    """y = max(x, a x) for a slope 0 ≤ a < 1;  f′ = 1 where y > 0, else a.

    Maas, Hannun & Ng 2013: a unit that is always negative still gets a gradient, so
    it cannot die as under ``ReLU``.
    """

    def __init__(self, *, slope: float = 0.01) -> None:
        super().__init__()
        if not 0 <= slope < 1:
            raise ValueError(f"slope must lie in [0, 1), got {slope}")
        self.slope = slope

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.multiply(inputs, self.slope, out=out)
        return np.maximum(inputs, outputs, out=outputs)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.greater(outputs, 0, out=out)
        return np.maximum(out, self.slope, out=out)


@final
class ELU(Activation):
    """y = x where x > 0, else α (eˣ − 1);  f′ = 1 where y > 0, else α eˣ = y + α.

    Clevert, Unterthiner & Hochreiter 2016: negative outputs, down to −α, bring the
    mean of the activations nearer to 0 than those of ``ReLU``.
    """

    def __init__(self, *, alpha: float = 1.0) -> None:
        super().__init__()
        if not 0 < alpha < float("inf"):
            raise ValueError(f"alpha must be positive and finite, got {alpha}")
        self.alpha = alpha

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.minimum(inputs, 0, out=out)  # eˣ of a large x would overflow
        np.expm1(outputs, out=outputs)
        outputs *= self.alpha
        np.copyto(outputs, inputs, where=inputs > 0)
        return outputs

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.add(outputs, self.alpha, out=out)
        np.copyto(out, 1, where=outputs > 0)
        return out


class Sigmoid(Activation):
    """y = 1 / (1 + e⁻ˣ);  f′ = y (1 − y).

    Where e⁻ˣ overflows, 1/∞ = 0 is the answer to within the smallest normal number; y keeps
    all its digits on both tails, which (1 + tanh(x/2)) / 2 on the left one does not.
    """

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.negative(inputs, out=out)
        with np.errstate(over="ignore"):
            np.exp(outputs, out=outputs)
        outputs += 1
        return np.reciprocal(outputs, out=outputs)

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
