"""Divergence: a number that is none, traced to the layer where it appeared first."""

from collections.abc import Iterable, Iterator

import numpy as np

from nnscratch.layers import ParametricLayer
from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.typing import FloatArray


class DivergenceError(RuntimeError):
    """NaN or infinity in an input, output, loss, gradient, weight, moment or statistic.

    The message says where it appeared first: epoch, batch, layer and learning rate.
    """


def check_batch(network: Network, loss: float, where: str) -> None:
    """Raises ``DivergenceError`` if the last forward or backward pass is not all finite."""
    _check(_passed(network, network.trace, loss), where)
    _check(_parts(network, {"gradient": network.gradients}), where)


def check_step(network: Network, optimizer: Optimizer, where: str) -> None:
    """Raises ``DivergenceError`` if what an optimizer's step left is not all finite."""
    moments = {f"{name} moment": moment for name, moment in optimizer.moments.items()}
    _check(_parts(network, {"weights": network.parameters, **moments}), where)
    _check(_statistics(network), where)


def check_prediction(network: Network, inputs: FloatArray, loss: float, where: str) -> None:
    """Raises ``DivergenceError`` if a pure forward pass is not all finite."""
    _check(_passed(network, [inputs, *network.activations(inputs)], loss), where)


def _passed(
    network: Network, trace: Iterable[FloatArray], loss: float
) -> Iterator[tuple[str, FloatArray]]:
    """All numbers of a forward pass in the order in which they are computed.

    So the first that is not finite is the origin, and the others followed from it.
    """
    names, (inputs, *outputs) = network.layer_names, trace
    yield f"inputs of layer {names[0]}", inputs
    for name, array in zip(names, outputs, strict=True):
        yield f"outputs of layer {name}", array
    yield f"loss after layer {names[-1]}", np.array(loss)


def _parts(network: Network, vectors: dict[str, FloatArray]) -> Iterator[tuple[str, FloatArray]]:
    """Flat vectors layer by layer, beginning at the loss as backpropagation does."""
    for kind, vector in vectors.items():
        for name, part in reversed(network.layer_parts.items()):
            yield f"{kind} of layer {name}", vector[part]


def _statistics(network: Network) -> Iterator[tuple[str, FloatArray]]:
    for name, layer in zip(network.layer_names, network.layers, strict=True):
        if isinstance(layer, ParametricLayer):
            for statistic in layer.statistic_shapes:
                yield f"{statistic} of layer {name}", getattr(layer, statistic)


def _check(numbers: Iterator[tuple[str, FloatArray]], where: str) -> None:
    for what, array in numbers:
        if not np.isfinite(array).all():
            value = array[~np.isfinite(array)].flat[0]
            inputs = what.startswith("inputs")
            advice = "clean the data" if inputs else "try a smaller learning rate"
            raise DivergenceError(f"{value} in the {what} {where}: {advice}")
