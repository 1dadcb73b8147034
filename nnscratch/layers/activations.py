"""Activations: without them, any number of linear layers would be one linear layer."""

from abc import abstractmethod
from typing import final

import numpy as np

from nnscratch.checks import check_fraction, check_positive
from nnscratch.layers.layer import Layer
from nnscratch.typing import FloatArray


class Activation(Layer):
    """A y = f(x) without parameters, whose backward pass remembers y alone."""

    @final
    def forward(self, inputs: FloatArray) -> FloatArray:
        out = self._buffers.get("outputs", inputs.shape, inputs.dtype)
        self._outputs = self.apply(inputs, out)
        return self._outputs

    @final
    def backward(self, gradient: FloatArray) -> FloatArray:
        out = self._buffers.get("gradient", gradient.shape, gradient.dtype)
        return self.apply_backward(gradient, self._outputs, out)


class Elementwise(Activation):
    """y = f(x) for each element separately.

    Backward: dL/dx = g ⊙ f′(x), with f′ computed from the outputs.
    """

    @abstractmethod
    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        """f′(x) in terms of y = f(x), written into ``out``."""

    @final
    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        slope = self.derivative(outputs, out=np.empty_like(outputs) if out is None else out)
        return np.multiply(slope, gradient, out=out)


@final
class ReLU(Elementwise):
    """y = max(x, 0);  f′ = 1 where y > 0, else 0 (also at the kink, by convention)."""

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return np.maximum(inputs, 0, out=out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        out[...] = outputs > 0  # half the time of np.greater(…, out=out), which casts in pieces
        return out


@final
class LeakyReLU(Elementwise):
    """y = max(x, a x) for a slope 0 ≤ a < 1;  f′ = 1 where y > 0, else a.

    Maas, Hannun & Ng 2013: a unit that is always negative still receives a gradient. So it
    cannot die as with ``ReLU``.
    """

    def __init__(self, *, slope: float = 0.01) -> None:
        super().__init__()
        check_fraction("slope", slope)
        self.slope = slope

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.multiply(inputs, self.slope, out=out)
        return np.maximum(inputs, outputs, out=outputs)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.greater(outputs, 0, out=out)
        return np.maximum(out, self.slope, out=out)


@final
class ELU(Elementwise):
    """y = x where x > 0, else α (eˣ − 1);  f′ = 1 where y > 0, else α eˣ = y + α.

    Clevert, Unterthiner & Hochreiter 2016: its negative outputs, down to −α, bring the mean of
    the activations nearer to 0 than ``ReLU`` does.
    """

    def __init__(self, *, alpha: float = 1.0) -> None:
        super().__init__()
        check_positive("alpha", alpha)
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


@final
class Sigmoid(Elementwise):
    """y = 1 / (1 + e⁻ˣ);  f′ = y (1 − y).

    Where e⁻ˣ overflows, 1/∞ = 0 is the answer to within the smallest normal number. y keeps
    all its digits on both tails; (1 + tanh(x/2)) / 2 would lose them on the left one.
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
class Tanh(Elementwise):
    """y = tanh x;  f′ = 1 − y²."""

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        return np.tanh(inputs, out=out)

    def derivative(self, outputs: FloatArray, out: FloatArray) -> FloatArray:
        np.square(outputs, out=out)
        return np.subtract(1, out, out=out)


@final
class Softmax(Activation):
    """p_k = e^{x_k} / Σ_j e^{x_j}: each row becomes a distribution.

    The row's maximum is subtracted first, so that no exponential overflows.

    Backward, with the Jacobian ∂p_k/∂x_j = p_k (δ_kj − p_j):
        dL/dx = p ⊙ (g − Σ_k g_k p_k).

    Before ``CrossEntropyLoss`` this is the long way: ``SoftmaxCrossEntropyLoss`` on the
    logits is shorter, faster and does not underflow.
    """

    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        outputs = np.subtract(inputs, inputs.max(axis=1, keepdims=True), out=out)
        np.exp(outputs, out=outputs)
        outputs /= outputs.sum(axis=1, keepdims=True)
        return outputs

    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        out = np.multiply(gradient, outputs, out=out)
        np.subtract(gradient, out.sum(axis=1, keepdims=True), out=out)
        return np.multiply(outputs, out, out=out)
