"""A rehearsal: forward and backward passes that leave no trace in a training."""

from collections.abc import Iterator
from contextlib import contextmanager

from nnscratch.network import Network


@contextmanager
def rehearsal(network: Network) -> Iterator[None]:
    """Afterwards gradients, running statistics and dropout are as they were before."""
    gradients, statistics = network.gradients.copy(), network.statistics.copy()
    masks = network.dropout_generator.bit_generator
    before = masks.state
    try:
        yield
    finally:
        network.gradients[:], network.statistics[:] = gradients, statistics
        masks.state = before
