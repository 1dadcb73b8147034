"""How good a network is on data that it is shown once."""

import math
from dataclasses import dataclass

import numpy as np

from nnscratch.arrays import all_finite
from nnscratch.data import Dataset, target_table
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.training.divergence import check_prediction
from nnscratch.typing import IntArray


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
    """Loss, accuracy and predictions of ``network`` on all of ``dataset``, in its order.

    Raises ``ValueError`` for data or a loss that doesn't fit the network, and
    ``DivergenceError`` at the batch where an input or the loss is not finite.
    """
    check_count("batch_size", batch_size)
    check_fit(network, loss, dataset, "evaluation")
    targets_of = target_table(network.output_size, network.dtype)
    total_loss, predictions = 0.0, []
    # What overflows here ends as a DivergenceError, which says more than a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for batch, (inputs, labels) in enumerate(dataset.batches(batch_size), start=1):
            outputs = network.apply(inputs)
            value = loss.value(outputs, targets_of[labels])
            if not (math.isfinite(value) and all_finite(inputs)):
                check_prediction(network, inputs, value, f"in batch {batch}")
            total_loss += value * len(labels)
            predictions.append((network.decide(outputs), labels))
    predicted, labels = (np.concatenate(parts) for parts in zip(*predictions, strict=True))
    return Evaluation(
        total_loss / len(dataset), float(np.mean(predicted == labels)), predicted, labels
    )


def check_fit(network: Network, loss: Loss, dataset: Dataset, purpose: str) -> None:
    """Raises ``ValueError`` if the dataset or the loss is for another network."""
    if dataset.features != network.features or dataset.classes > network.classes:
        raise ValueError(
            f"{purpose} data of {dataset.features} features and {dataset.classes} classes does "
            f"not fit a network of {network.features} inputs and {network.classes} classes"
        )
    if loss.output_activation not in (None, network.output_activation):
        raise ValueError(
            f"{type(loss).__name__} takes the outputs of a network whose output_activation is "
            f"{loss.output_activation!r}, this one's is {network.output_activation!r}"
        )


def check_count(name: str, value: int) -> None:
    """Raises ``ValueError`` unless ``value`` is a whole number of 1 or more."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of 1 or more, got {value}")
