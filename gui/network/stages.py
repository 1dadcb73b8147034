"""The stages of a network: what each column of its picture shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from nnscratch import Dropout, Layer, Network
from nnscratch.layers import AbstractLinear


@dataclass(frozen=True, eq=False)
class Stage:
    """A Linear layer and the layers behind it, up to the next Linear layer."""

    linear: AbstractLinear
    output: int  # position in Prediction.activations
    name: str  # "ReLU", "softmax"


def stages(network: Network) -> list[Stage]:
    """The stages of ``network``, in order."""
    starts = [at for at, layer in enumerate(network.layers) if isinstance(layer, AbstractLinear)]
    ends = [start - 1 for start in starts[1:]] + [len(network.layers) - 1]
    found = []
    for start, end in zip(starts, ends, strict=True):
        linear = network.layers[start]
        assert isinstance(linear, AbstractLinear)
        found.append(Stage(linear, end, _name(network.layers[start : end + 1])))
    last = found[-1]
    applied = {"logits": "softmax", "sigmoid_logits": "sigmoid", "scores": last.name.lower()}
    name = applied[network.outputs]
    return [*found[:-1], Stage(last.linear, last.output, name)]


def _name(layers: Sequence[Layer]) -> str:
    """The name of a stage: its last layer that does something in prediction."""
    last = next(layer for layer in reversed(layers) if not isinstance(layer, Dropout))
    return "linear" if isinstance(last, AbstractLinear) else type(last).__name__
