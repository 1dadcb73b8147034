"""The softmax layer: scores to a distribution."""

from typing import final

import numpy as np

from nnscratch.layers.activations import Activation
from nnscratch.typing import FloatArray


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
