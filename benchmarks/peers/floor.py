"""A lower bound for NumPy: the matrix products of a training step and nothing else."""

import numpy as np

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work

PACKAGE = "numpy"


def prepare(problem: Problem, threads: int) -> RunEpoch:
    """Every product of a step on float32 rows, into arrays that are allocated once.

    Each linear layer computes the outputs x W and the weight gradient xᵀ g. All but the first
    also compute the input gradient g Wᵀ. There is no bias, activation, loss, update or gather.
    """
    features, labels = problem.samples()
    batch = features[: problem.batch_size].copy()
    weights = [weights for weights, _ in problem.initial_weights()]
    inputs = [batch] + [np.maximum(_normal(len(batch), n), 0) for n in problem.sizes[1:-1]]
    gradients = [_normal(len(batch), n) for n in problem.sizes[1:]]
    outputs = [np.empty_like(gradient) for gradient in gradients]
    grad_weights = [np.empty_like(w) for w in weights]
    grad_inputs = [np.empty_like(x) for x in inputs]
    batches = len(problem.slices(len(labels)))
    layers = range(len(weights))

    def run_epoch() -> Work:
        for _ in range(batches):
            for i in layers:
                np.matmul(inputs[i], weights[i], out=outputs[i])
            for i in reversed(layers):
                np.matmul(inputs[i].T, gradients[i], out=grad_weights[i])
                if i:
                    np.matmul(gradients[i], weights[i].T, out=grad_inputs[i])
        return Work()

    return run_epoch


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, np.float32)


VARIANTS: dict[str, Prepare] = {"matrix products only": prepare}
