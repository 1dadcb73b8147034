"""Attribution: how much each input contributes to the logit of one class."""

import numpy as np

from nnscratch.layers import Activation
from nnscratch.network import Network
from nnscratch.typing import FloatArray, IntArray


def logit_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """∂z_k/∂x for each sample x and its output unit k of ``outputs`` (batch,); (batch, features).

    z are the logits: the values before an activation at the end of the network, because a
    saturated probability has almost no gradient. Safe beside a running fit.
    """
    found = network.activations(inputs)
    last = len(network.layers)
    if isinstance(network.layers[-1], Activation):
        last -= 1
    gradient = np.zeros_like(found[last - 1])
    gradient[range(len(outputs)), outputs] = 1
    for layer, values in zip(network.layers[last - 1 :: -1], found[last - 1 :: -1], strict=True):
        gradient = layer.apply_backward(gradient, values)
    return gradient


def input_times_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """x ⊙ ∂z_k/∂x, (batch, features): the share of each input in the logit of ``outputs`` (batch,).

    In a ReLU network without biases the shares add up to the logit. Otherwise they are its
    linear part at x (Shrikumar et al. 2016). The share of a black pixel is 0.
    """
    return inputs * logit_gradient(network, inputs, outputs)
