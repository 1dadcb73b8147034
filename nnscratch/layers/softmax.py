"""The softmax layer: scores to a distribution."""

from typing import final

import numpy as np

from nnscratch.layers.layer import Layer
from nnscratch.typing import FloatArray


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

    def apply_backward(self, gradient: FloatArray, outputs: FloatArray) -> FloatArray:
        return outputs * (gradient - (gradient * outputs).sum(axis=1, keepdims=True))

    def output_size(self, input_size: int) -> int:
        return input_size
