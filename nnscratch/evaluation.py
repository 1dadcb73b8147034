"""Evaluation: the loss, accuracy and predictions of a network on a dataset."""

from dataclasses import dataclass

import numpy as np

from nnscratch.checks import check_count
from nnscratch.data import Dataset
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.readout import decide
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
    """An ``Evaluation`` on all samples, in the order of the dataset.

    Raises ``DivergenceError`` at the batch where an input or the loss is not finite.
    """
    check_count("batch_size", batch_size)
    check_fit(network, loss, dataset, "evaluation")
    total_loss, predictions = 0.0, []
    # An overflow ends as a DivergenceError, which says more than NumPy's warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for batch, (inputs, labels) in enumerate(dataset.batches(batch_size), start=1):
            outputs = network.apply(inputs)
            value = loss.value(outputs, network.targets(labels))
            check_prediction(network, inputs, value, f"in batch {batch}")
            total_loss += value * len(labels)
            predictions.append((decide(outputs, network.outputs), labels))
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
    if loss.takes not in (None, network.outputs):
        raise ValueError(
            f"{type(loss).__name__} takes the outputs {loss.takes!r} of a network, this network's "
            f"outputs are {network.outputs!r}"
        )
