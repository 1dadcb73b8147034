"""A training problem that every peer solves with the same data, weights and batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from experiments.datasets import load
from nnscratch import Dataset, Network, mlp
from nnscratch.layers import Linear
from nnscratch.randomness import generator
from nnscratch.typing import FloatArray, IntArray

OptimizerName: TypeAlias = Literal["adam", "sgd"]


@dataclass(frozen=True)
class Problem:
    """A ReLU network on logits, its optimizer, and where the samples come from."""

    sizes: tuple[int, ...]
    batch_size: int
    optimizer: OptimizerName
    data: str = "mnist"
    seed: int = 0

    @property
    def name(self) -> str:
        """``784-128-64-10, batch 64, Adam``."""
        title = {"adam": "Adam", "sgd": "SGD"}[self.optimizer]
        return f"{'-'.join(map(str, self.sizes))}, batch {self.batch_size}, {title}"

    @property
    def learning_rate(self) -> float:
        """What each optimizer is commonly given on MNIST."""
        return {"adam": 1e-3, "sgd": 0.1}[self.optimizer]

    def train(self) -> Dataset:
        """The training part as runs see it: rows of a memory-mapped uint8 array."""
        return load(self.data, val_fraction=0.1, seed=self.seed).train

    def network(self) -> Network:
        """The core's network, freshly initialized: the weights that all peers start from."""
        return mlp(self.sizes, seed=self.seed)

    def initial_weights(self) -> list[tuple[FloatArray, FloatArray]]:
        """Weights (fan_in, fan_out) and biases (fan_out,) of each linear layer."""
        layers = self.network().layers
        return [(x.weights.copy(), x.biases.copy()) for x in layers if isinstance(x, Linear)]

    def samples(self) -> tuple[FloatArray, IntArray]:
        """All features (n, features), float32 in [0, 1], and labels (n,), at once in memory.

        The core converts uint8 batch by batch; the peers are spared that.
        """
        features, labels = self.train().take(slice(None))
        return features, labels.astype(np.int64)

    def orders(self) -> Iterator[IntArray]:
        """The order of the samples in each epoch, (n,): the one that ``fit`` draws."""
        rng = generator(self.seed, "shuffle")
        samples = len(self.train())
        while True:
            yield rng.permutation(samples)

    def slices(self, samples: int) -> list[slice]:
        """Where the batches lie in an order; the last one may be shorter."""
        return [
            slice(i, min(i + self.batch_size, samples)) for i in range(0, samples, self.batch_size)
        ]


class Work(NamedTuple):
    """What an epoch came to, to be compared between peers; None where it isn't counted."""

    loss: float | None = None
    accuracy: float | None = None


RunEpoch: TypeAlias = Callable[[], Work]
"""Trains for one epoch; all of it is timed."""

Prepare: TypeAlias = Callable[[Problem, int], RunEpoch]
"""Imports, allocates and converts for a problem and a number of threads; none of it is timed."""


class PeerModule(Protocol):
    """What a file ``benchmarks/peer_*.py`` must define."""

    @property
    def PACKAGE(self) -> str:
        """The module that must be installed, or an empty string."""
        ...

    @property
    def VARIANTS(self) -> dict[str, Prepare]:
        """The competitors of this family by the name that the table shows."""
        ...
