"""The training loop, as a generator of epochs, and the evaluation of a network."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnscratch.data import Dataset, target_table
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.randomness import generator
from nnscratch.typing import FloatArray, IntArray


class DivergenceError(RuntimeError):
    """A loss became NaN or infinite; the message names epoch, batch and learning rate."""


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training data came to.

    ``train_loss`` and ``train_accuracy`` are running means over the batches as they
    were trained on; ``val_*`` are measured after the epoch (None without validation
    data). ``seconds`` times the training pass alone.
    """

    number: int  # 1, 2, …
    train_loss: float
    train_accuracy: float  # 0–1
    val_loss: float | None
    val_accuracy: float | None  # 0–1
    learning_rate: float  # of the last step
    seconds: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The mean loss and accuracy (0–1) over a dataset, with the predicted and the true classes."""

    loss: float
    accuracy: float
    predictions: IntArray  # (n,)
    labels: IntArray  # (n,)


def evaluate(
    network: Network, loss: Loss, dataset: Dataset, *, batch_size: int = 1000
) -> Evaluation:
    """Loss, accuracy and predictions of ``network`` on all of ``dataset``, in its order."""
    targets_of = target_table(network.outputs, network.dtype)
    total_loss, predictions = 0.0, []
    for inputs, labels in dataset.batches(batch_size):
        outputs = network.apply(inputs)
        total_loss += loss.value(outputs, targets_of[labels]) * len(labels)
        predictions.append((network.decide(outputs), labels))
    predicted, labels = (np.concatenate(parts) for parts in zip(*predictions, strict=True))
    return Evaluation(
        total_loss / len(dataset), float(np.mean(predicted == labels)), predicted, labels
    )


def fit(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    train: Dataset,
    validation: Dataset | None = None,
    *,
    epochs: int,
    batch_size: int,
    seed: int = 0,
) -> Iterator[Epoch]:
    """Trains ``network`` in place and yields an ``Epoch`` after each pass over ``train``.

    A generator: nothing is trained until it is asked for an epoch, and ``break``
    stops it for good. Every epoch visits all samples once, in an order drawn from
    ``seed``. Raises ``ValueError`` at once for data that doesn't fit the network, and
    ``DivergenceError`` as soon as a loss is not finite.
    """
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs and batch_size must be 1 or more, got {epochs} and {batch_size}")
    for name, dataset in (("training", train), ("validation", validation)):
        if dataset is None:
            continue
        if dataset.features != network.features or dataset.classes > network.classes:
            raise ValueError(
                f"{name} data of {dataset.features} features and {dataset.classes} classes does "
                f"not fit a network of {network.features} inputs and {network.classes} classes"
            )
    return _epochs(network, loss, optimizer, train, validation, epochs, batch_size, seed)


def _epochs(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    train: Dataset,
    validation: Dataset | None,
    epochs: int,
    batch_size: int,
    seed: int,
) -> Iterator[Epoch]:
    rng = generator(seed, "shuffle")
    for number in range(1, epochs + 1):
        started = time.perf_counter()
        batches = train.shuffled_batches(batch_size, rng)
        # What overflows here ends as a DivergenceError, which says more than a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            train_loss, train_accuracy = _train(network, loss, optimizer, batches, number)
        seconds = time.perf_counter() - started

        measured = None if validation is None else evaluate(network, loss, validation)
        yield Epoch(
            number=number,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            val_loss=measured and measured.loss,
            val_accuracy=measured and measured.accuracy,
            learning_rate=optimizer.learning_rate,
            seconds=seconds,
        )


def _train(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    batches: Iterator[tuple[FloatArray, IntArray]],
    epoch: int,
) -> tuple[float, float]:
    """One pass: forward, loss, backward, update, batch by batch; the mean loss and accuracy."""
    targets_of = target_table(network.outputs, network.dtype)
    total_loss, correct, seen = 0.0, 0, 0
    for batch, (inputs, labels) in enumerate(batches, start=1):
        outputs = network.forward(inputs)  # (batch, outputs)
        value, gradient = loss.value_and_gradient(outputs, targets_of.take(labels, axis=0))
        if not math.isfinite(value):
            raise DivergenceError(
                f"the loss became {value} in epoch {epoch}, batch {batch}, "
                f"at learning rate {optimizer.learning_rate:g}: try a smaller one"
            )
        network.backward(gradient)
        optimizer.step(network.parameters, network.gradients)
        total_loss += value * len(labels)
        correct += int(np.count_nonzero(network.decide(outputs) == labels))
        seen += len(labels)
    return total_loss / seen, correct / seen
