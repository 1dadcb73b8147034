"""Divergence: a number that is none, traced to the layer where it appeared first."""

from collections.abc import Iterator
from typing import NoReturn

import numpy as np

from nnscratch.network import Network
from nnscratch.typing import FloatArray


class DivergenceError(RuntimeError):
    """NaN or infinity in an input, output, loss, gradient or weight.

    The message says where it appeared first: epoch, batch, layer and learning rate.
    """


def raise_if_diverged(network: Network, loss: float, where: str) -> None:
    """Raises ``DivergenceError`` if the last batch, or what it left, is not all finite."""
    for what, array in _computed(network, loss):
        if not np.isfinite(array).all():
            _raise(what, array, where)


def _computed(network: Network, loss: float) -> Iterator[tuple[str, FloatArray]]:
    """All numbers of a step in the order in which they are computed.

    So the first that is not finite is the origin, and the others followed from it.
    """
    names, inputs, *outputs = network.layer_names, *network.trace
    yield f"inputs of layer {names[0]}", inputs
    for name, array in zip(names, outputs, strict=True):
        yield f"outputs of layer {name}", array
    yield f"loss after layer {names[-1]}", np.array(loss)
    for vector, kind in ((network.gradients, "gradient"), (network.parameters, "weights")):
        for name, part in reversed(network.layer_parts.items()):
            yield f"{kind} of layer {name}", vector[part]


def _raise(what: str, array: FloatArray, where: str) -> NoReturn:
    value = array[~np.isfinite(array)].flat[0]
    advice = "clean the data" if what.startswith("inputs") else "try a smaller one"
    raise DivergenceError(f"{value} in the {what} {where}: {advice}")
