"""scikit-learn's MLPClassifier; an epoch is one ``partial_fit`` over all samples."""

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work
from nnscratch.typing import IntArray

PACKAGE = "sklearn"


class _GivenOrder(np.random.RandomState):
    """Shuffles into a given order: scikit-learn asks its random state for the order of an epoch."""

    orders: Iterator[IntArray] | None = None

    def shuffle(self, x: Any) -> None:
        if self.orders is not None:
            x[:] = next(self.orders)


def prepare(problem: Problem, threads: int, *, dtype: type[np.floating[Any]]) -> RunEpoch:
    """No weight decay, like the other peers. scikit-learn counts no training accuracy.

    It computes in the type of its data. ``fetch_openml`` and a division by 255 give float64;
    float32 has to be asked for.
    """
    from sklearn.neural_network import MLPClassifier

    features, labels = problem.samples()
    features = features.astype(dtype)
    random_state = _GivenOrder(0)
    settings: dict[str, Any] = {"batch_size": problem.batch_size}  # annotated as str there
    model = MLPClassifier(
        problem.sizes[1:-1],
        solver=problem.optimizer,
        alpha=0,
        **settings,
        learning_rate_init=problem.learning_rate,
        momentum=0,
        nesterovs_momentum=False,
        random_state=random_state,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Got `batch_size` …": one sample is fewer than a batch
        model.partial_fit(features[:1], labels[:1], classes=np.arange(problem.sizes[-1]))
    for layer, (weights, biases) in enumerate(problem.initial_weights()):
        model.coefs_[layer][...] = weights
        model.intercepts_[layer][...] = biases
    del model._optimizer  # Adam's moments start at zero again
    random_state.orders = problem.orders()

    def run_epoch() -> Work:
        model.partial_fit(features, labels)
        return Work(float(model.loss_))

    return run_epoch


VARIANTS: dict[str, Prepare] = {
    "scikit-learn, float64": partial(prepare, dtype=np.float64),
    "scikit-learn, float32": partial(prepare, dtype=np.float32),
}
