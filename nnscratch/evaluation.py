"""How good a network is on data that it is shown once."""

from dataclasses import dataclass

import numpy as np

from nnscratch.data import Dataset, target_table
from nnscratch.losses import Loss
from nnscratch.network import Network
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

    Raises ``ValueError`` for data that doesn't fit the network.
    """
    check_fit(network, dataset, "evaluation")
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


def check_fit(network: Network, dataset: Dataset, purpose: str) -> None:
    """Raises ``ValueError`` if the dataset has other features or more classes than the network."""
    if dataset.features != network.features or dataset.classes > network.classes:
        raise ValueError(
            f"{purpose} data of {dataset.features} features and {dataset.classes} classes does "
            f"not fit a network of {network.features} inputs and {network.classes} classes"
        )
