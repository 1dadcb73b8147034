"""Why a network decides as it does: how much each input speaks for one class."""

import numpy as np

from nnscratch.layers import Sigmoid, Softmax
from nnscratch.network import Network
from nnscratch.typing import FloatArray, IntArray


def logit_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """∂z_k/∂x for each sample x and its output unit k of ``outputs`` (batch,); (batch, features).

    z are the logits: what the network yields before a softmax or sigmoid at its end, so
    that a saturated probability does not hide what it was made of. On the pure path, by
    the chain rule from layer to layer: safe beside a running fit.
    """
    found = network.activations(inputs)
    last = len(network.layers)
    if isinstance(network.layers[-1], Softmax | Sigmoid):
        last -= 1
    gradient = np.zeros_like(found[last - 1])
    gradient[range(len(outputs)), outputs] = 1
    for layer, values in zip(network.layers[last - 1 :: -1], found[last - 1 :: -1], strict=True):
        gradient = layer.apply_backward(gradient, values)
    return gradient


def input_times_gradient(network: Network, inputs: FloatArray, outputs: IntArray) -> FloatArray:
    """x ⊙ ∂z_k/∂x, (batch, features): the share of each input in the logit of ``outputs`` (batch,).

    For a network of ReLUs without biases the shares add up to the logit; otherwise they
    are its linear part at x (Shrikumar et al. 2016). Black pixels have no share.
    """
    return inputs * logit_gradient(network, inputs, outputs)
