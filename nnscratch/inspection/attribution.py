"""Attribution: how much each input contributes to the logit of one class."""

from collections.abc import Sequence

import numpy as np

from nnscratch.layers import Activation
from nnscratch.network import Network
from nnscratch.typing import FloatArray, IntArray


def logit_gradients(
    network: Network, activations: Sequence[FloatArray], outputs: IntArray
) -> list[FloatArray]:
    """∂z_k/∂a for the outputs a of every layer up to the logits z, (batch, units) each.

    k is the output unit of each sample, ``outputs`` (batch,). ``activations`` are those of
    ``network.activations``. The logits are the values before an activation at the end of the
    network, because a saturated probability has almost no gradient. Safe beside a running fit.
    """
    last = len(network.layers) - isinstance(network.layers[-1], Activation) - 1
    gradient = np.zeros_like(activations[last])
    gradient[range(len(outputs)), outputs] = 1
    gradients = [gradient]
    for layer, found in zip(network.layers[last:0:-1], activations[last:0:-1], strict=True):
        gradient = layer.apply_backward(gradient, found)
        gradients.append(gradient)
    return gradients[::-1]


def logit_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """∂z_k/∂x for each sample x and its output unit k, (batch, features).

    ``outputs``: k of each sample, (batch,).
    """
    activations = network.activations(inputs)
    first, *_ = logit_gradients(network, activations, outputs)
    return network.layers[0].apply_backward(first, activations[0])


def input_times_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """x ⊙ ∂z_k/∂x, (batch, features): the share of each input in the logit of ``outputs`` (batch,).

    In a ReLU network without biases the shares add up to the logit. Otherwise they are its
    linear part at x (Shrikumar et al. 2016). The share of a black pixel is 0.
    """
    return inputs * logit_gradient(network, inputs, outputs)
