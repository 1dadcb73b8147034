"""How an epoch goes: the mean loss and accuracy over the batches so far."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from nnscratch.readout import decide
from nnscratch.typing import FloatArray, IntArray, OutputKind

WATCHED = 100
"""The number of batches from one call of a ``Watch`` to the next."""


@dataclass(frozen=True)
class PartialEpoch:
    """An epoch that is not complete; means as in ``Epoch``."""

    number: int  # of the epoch: 1, 2, …
    batch: int  # the number of batches that are done
    batches: int  # in the whole epoch
    train_loss: float
    train_accuracy: float  # 0–1


Watch: TypeAlias = Callable[[PartialEpoch], None]


@final
class Progress:
    """Counts the batches of one epoch; every 100 batches it tells ``watch``."""

    def __init__(self, epoch: int, batches: int, outputs: OutputKind, watch: Watch | None) -> None:
        self._epoch, self._batches, self._watch = epoch, batches, watch
        self._kind: OutputKind = outputs
        self._batch, self._samples = 0, 0
        self._loss, self._correct = 0.0, 0  # sums over the samples

    def add(self, loss: float, outputs: FloatArray, labels: IntArray) -> None:
        """Counts one batch: its mean loss, its outputs (batch, outputs) and labels (batch,)."""
        self._batch += 1
        self._samples += len(labels)
        self._loss += loss * len(labels)
        self._correct += int(np.count_nonzero(decide(outputs, self._kind) == labels))
        if self._batch % WATCHED == 0 and self._watch is not None:
            means = self.loss, self.accuracy
            self._watch(PartialEpoch(self._epoch, self._batch, self._batches, *means))

    @property
    def loss(self) -> float:
        """The mean over the samples so far."""
        return self._loss / self._samples

    @property
    def accuracy(self) -> float:
        """The share of correct samples so far, 0–1."""
        return self._correct / self._samples
