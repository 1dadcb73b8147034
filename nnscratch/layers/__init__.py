"""Layers: a formula, its memory, and its gradient. Rows are samples everywhere.

``apply`` and ``apply_backward`` are pure: safe at any time, from any thread. The arrays that
``forward`` and ``backward`` return are buffers of the layer: the next call overwrites them. No
layer writes into an array that it was given.
"""

from nnscratch.layers.activations import ELU, Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from nnscratch.layers.batch_norm import BatchNorm
from nnscratch.layers.dropout import Dropout
from nnscratch.layers.layer import Layer, ParametricLayer
from nnscratch.layers.linear import AbstractLinear, Linear
from nnscratch.layers.published_mistakes import HastyLinear, MisderivedSigmoid

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "LAYERS",
    "AbstractLinear",
    "Activation",
    "BatchNorm",
    "Dropout",
    "Layer",
    "LeakyReLU",
    "Linear",
    "ParametricLayer",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

_CORRECT = (Linear, ReLU, LeakyReLU, ELU, Sigmoid, Tanh, Softmax, Dropout, BatchNorm)
_MISTAKEN = (HastyLinear, MisderivedSigmoid)

LAYERS: dict[str, type[Layer]] = {layer.__name__: layer for layer in _CORRECT + _MISTAKEN}
"""Every layer by the name under which a checkpoint describes it."""

ACTIVATIONS: dict[str, type[Activation]] = {
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
}
"""Every hidden activation by the name that a config gives it."""
