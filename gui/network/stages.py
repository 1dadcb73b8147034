"""The stages of a network: what each column of its picture shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from nnscratch import Dropout, Layer, Network
from nnscratch.layers import AbstractLinear


@dataclass(frozen=True, eq=False)
class Stage:
    """A Linear layer and the layers behind it, up to the next Linear layer."""

    linear: AbstractLinear
    place: int  # of the Linear layer in the network
    output: int  # position in Prediction.activations
    name: str  # "ReLU", "softmax"


def stages(network: Network) -> list[Stage]:
    """The stages of ``network``, in order."""
    layers = network.layers
    linears = [(at, layer) for at, layer in enumerate(layers) if isinstance(layer, AbstractLinear)]
    ends = [start for start, _ in linears[1:]] + [len(layers)]
    names = [_name(layers[at:end]) for (at, _), end in zip(linears, ends, strict=True)]
    applied = {"logits": "softmax", "sigmoid_logits": "sigmoid", "scores": names[-1].lower()}
    names[-1] = applied[network.outputs]
    return [
        Stage(linear, at, end - 1, name)
        for (at, linear), end, name in zip(linears, ends, names, strict=True)
    ]


def _name(layers: Sequence[Layer]) -> str:
    """The name of a stage: its last layer that does something in prediction."""
    last = next(layer for layer in reversed(layers) if not isinstance(layer, Dropout))
    return "linear" if isinstance(last, AbstractLinear) else type(last).__name__
