"""This core, through the public ``fit()``: shuffling, conversion, loss and accuracy included."""

from benchmarks.problem import Prepare, Problem, RunEpoch, Work
from nnscratch import SGD, Adam, SoftmaxCrossEntropyLoss, fit

PACKAGE = "nnscratch"


def prepare(problem: Problem, threads: int) -> RunEpoch:
    """One ``fit`` without end; each call takes its next epoch."""
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
