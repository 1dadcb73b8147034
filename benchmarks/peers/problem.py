"""A training problem that every peer solves with the same data, initial weights and batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from experiments.datasets import load
from nnscratch import Dataset, Network, mlp
from nnscratch.layers import Linear
from nnscratch.randomness import generator
from nnscratch.typing import FloatArray, IntArray

OptimizerName: TypeAlias = Literal["adam", "sgd"]


@dataclass(frozen=True)
class Problem:
    """A ReLU network that outputs logits, its optimizer and its data set."""

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
        """The usual learning rate of the optimizer on MNIST."""
        return {"adam": 1e-3, "sgd": 0.1}[self.optimizer]

    def train(self) -> Dataset:
        """The training data as in a run: rows of a memory-mapped uint8 array."""
        return load(self.data, val_fraction=0.1, seed=self.seed).train

    def network(self) -> Network:
        """The core's network with the initial weights that all peers start from."""
        return mlp(self.sizes, seed=self.seed)

    def initial_weights(self) -> list[tuple[FloatArray, FloatArray]]:
        """Weights (fan_in, fan_out) and biases (fan_out,) of each linear layer."""
        layers = self.network().layers
        return [(x.weights.copy(), x.biases.copy()) for x in layers if isinstance(x, Linear)]

    def samples(self) -> tuple[FloatArray, IntArray]:
        """All inputs (n, features), float32 in [0, 1], and labels (n,), in memory.

        The core converts uint8 batch by batch. The peers need no conversion.
        """
        features, labels = self.train().take(slice(None))
        return features, labels.astype(np.int64)

    def orders(self) -> Iterator[IntArray]:
        """The order of the samples in each epoch, (n,), as ``fit`` draws it."""
        rng = generator(self.seed, "shuffle")
        samples = len(self.train())
        while True:
            yield rng.permutation(samples)

    def slices(self, samples: int) -> list[slice]:
        """The place of each batch in an order. The last batch may be smaller."""
        return [
            slice(i, min(i + self.batch_size, samples)) for i in range(0, samples, self.batch_size)
        ]


class Work(NamedTuple):
    """The results of an epoch, to compare peers. None: the peer does not compute it."""

    loss: float | None = None
    accuracy: float | None = None


RunEpoch: TypeAlias = Callable[[], Work]
"""Trains for one epoch. All of it is timed."""

Prepare: TypeAlias = Callable[[Problem, int], RunEpoch]
"""Imports, allocates and converts for a problem and a number of threads. None of it is timed."""
