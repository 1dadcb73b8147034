"""This core, through the public ``fit()``, with shuffling, conversion, loss and accuracy."""

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work
from nnscratch import SGD, Adam, SoftmaxCrossEntropyLoss, fit

PACKAGE = "nnscratch"


def prepare(problem: Problem, threads: int) -> RunEpoch:
    """One endless ``fit``; each call runs its next epoch."""
    optimizer = {"adam": Adam, "sgd": SGD}[problem.optimizer]
    epochs = fit(
        problem.network(),
        SoftmaxCrossEntropyLoss(),
        optimizer(learning_rate=problem.learning_rate),
        problem.train(),
        epochs=1_000_000,
        batch_size=problem.batch_size,
        seed=problem.seed,
    )

    def run_epoch() -> Work:
        epoch = next(epochs)
        return Work(epoch.train_loss, epoch.train_accuracy)

    return run_epoch


VARIANTS: dict[str, Prepare] = {"nnscratch": prepare}
