"""What ten corrections gain: one drawing of each digit by a writer not in the training data."""

from typing import Any

import numpy as np

from benchmarks.drawings.people import People
from experiments.drawings.collection import Drawing, OwnDrawings
from experiments.training.fine_tuning import drawn_once
from experiments.training.teaching import tune
from nnscratch import Dataset, Network, SoftmaxCrossEntropyLoss, evaluate


def measure(
    network: Network, people: People, train: Dataset, mnist_test: Dataset
) -> dict[str, Any]:
    """Errors in percent before and after, on the later drawings of each unseen writer.

    ``train`` is the training data of the network, which the tuning rehearses; ``mnist_test``
    holds MNIST's test images.
    """
    loss = SoftmaxCrossEntropyLoss()
    before, after, mnist = [], [], []
    for positions in people.by_writer():
        drawings = [
            Drawing(people.pen.drawing(position), int(people.pen.labels[position]))
            for position in positions
        ]
        firsts = {drawing.label: drawing for drawing in reversed(drawings)}
        tuned = tune(network, loss, OwnDrawings([*firsts.values()]), train)
        assert tuned is not None
        later = drawn_once([d for d in drawings if d is not firsts[d.label]])
        before.append(100 - 100 * evaluate(network, loss, later).accuracy)
        after.append(100 - 100 * evaluate(tuned, loss, later).accuracy)
        mnist.append(100 * evaluate(tuned, loss, mnist_test).accuracy)
    return {
        "errors_before": float(np.mean(before)),
        "errors_after": float(np.mean(after)),
        "removed": float(100 - 100 * np.mean(after) / np.mean(before)),
        "mnist_before": 100 * evaluate(network, loss, mnist_test).accuracy,
        "mnist_after": float(np.mean(mnist)),
        "writers": [list(pair) for pair in zip(before, after, strict=True)],
    }
