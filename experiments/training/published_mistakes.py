"""``mistake=…``: a network with a published mistake, from the same starting weights."""

from experiments.config.schema import SLOPE_OF_ACTIVATION, UPDATE_BEFORE_PROPAGATING
from nnscratch import Layer, Linear, Network, Sigmoid
from nnscratch.layers.published_mistakes import HastyLinear, MisderivedSigmoid


def with_mistake(network: Network, mistake: str, *, learning_rate: float, seed: int) -> Network:
    """A copy of ``network`` whose layers make this mistake; ``seed`` is for its dropout."""
    mistaken = Network(
        [_mistaken(layer, mistake, learning_rate) for layer in network.layers],
        outputs=network.outputs,
        seed=seed,
        dtype=network.dtype,
    )
    mistaken.parameters[:] = network.parameters
    return mistaken


def _mistaken(layer: Layer, mistake: str, learning_rate: float) -> Layer:
    if mistake == SLOPE_OF_ACTIVATION and isinstance(layer, Sigmoid):
        return MisderivedSigmoid()
    if mistake == UPDATE_BEFORE_PROPAGATING and isinstance(layer, Linear):
        return HastyLinear(**layer.settings(), learning_rate=learning_rate)
    return type(layer)(**layer.settings())
