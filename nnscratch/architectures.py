"""Networks by their sizes: the multi-layer perceptron."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, TypeAlias, get_args

import numpy as np

from nnscratch.checks import check_choice
from nnscratch.layers import ACTIVATIONS, BatchNorm, Dropout, Layer, Linear, Sigmoid, Softmax
from nnscratch.network import Network
from nnscratch.typing import FloatDType

Output: TypeAlias = Literal["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"]


def mlp(
    sizes: Sequence[int],
    *,
    activation: str = "relu",
    init: str = "he_normal",
    bias_init: str = "zeros",
    output: Output = "logits",
    output_scale: float = 1.0,
    batch_norm: bool = False,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    seed: int = 0,
    dtype: FloatDType = np.float32,
) -> Network:
    """A multi-layer perceptron: ``mlp([784, 128, 64, 10])``.

    ``sizes``: features, hidden units of each layer, classes. ``init`` and ``bias_init`` name
    initializers (``nnscratch.layers.initializers``), ``activation`` one of ``ACTIVATIONS``. A
    hidden layer is Linear, ``BatchNorm`` if wanted, activation, ``Dropout`` at the rate
    ``dropout``; ``input_dropout`` is the rate for the features. ``output`` is what comes last:

    ``"logits"``          nothing: for ``SoftmaxCrossEntropyLoss``, softmax gives probabilities;
    ``"sigmoid_logits"``  nothing: for ``SigmoidCrossEntropyLoss``, sigmoid gives scores;
    ``"softmax"``         a ``Softmax`` layer: for ``CrossEntropyLoss`` or ``MSELoss``;
    ``"sigmoid"``         a ``Sigmoid`` layer, one independent score per class;
    ``"linear"``          nothing, and the outputs themselves are the scores.

    ``output_scale`` multiplies the starting weights of the last Linear layer: with large ones
    the network is confident before it has learned anything.
    """
    if len(sizes) < 2:
        raise ValueError(f"an mlp needs at least [features, classes], got {list(sizes)}")
    check_choice("activation", activation, ACTIVATIONS)
    check_choice("output", output, get_args(Output))

    layers: list[Layer] = [Dropout(input_dropout)] if input_dropout else []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers.append(Linear(fan_in, fan_out, init=init, bias_init=bias_init))
        if batch_norm:
            layers.append(BatchNorm(fan_out))
        layers.append(ACTIVATIONS[activation]())
        if dropout:
            layers.append(Dropout(dropout))
    last = Linear(sizes[-2], sizes[-1], init=init, bias_init=bias_init)
    layers.append(last)
    if output == "softmax":
        layers.append(Softmax())
    elif output == "sigmoid":
        layers.append(Sigmoid())
    outputs = output if output in ("logits", "sigmoid_logits") else "scores"
    network = Network(layers, outputs=outputs, seed=seed, dtype=dtype)
    last.weights *= output_scale
    return network
