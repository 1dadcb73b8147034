"""NumPy as most tutorials write it: float64, samples in columns, dictionaries, temporaries."""

from typing import Any

import numpy as np

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work

PACKAGE = "numpy"
Arrays = dict[str, np.ndarray[Any, np.dtype[np.float64]]]


def prepare(problem: Problem, threads: int) -> RunEpoch:
    """The training loop of a textbook. Its inputs are one float64 array (features, n) in memory."""
    features, labels = problem.samples()
    inputs = np.ascontiguousarray(features.T, np.float64)  # (features, n)
    targets = np.eye(problem.sizes[-1])[labels].T  # (classes, n)
    orders = problem.orders()
    slices = problem.slices(len(labels))
    parameters = _initial_parameters(problem)
    depth = len(problem.sizes) - 1
    update = {"adam": _Adam, "sgd": _SGD}[problem.optimizer](problem.learning_rate)

    def run_epoch() -> Work:
        order = next(orders)
        total_loss, correct = 0.0, 0
        for part in slices:
            x, t = inputs[:, order[part]], targets[:, order[part]]
            caches = _forward(parameters, x, depth)
            probabilities = caches[f"A{depth}"]
            total_loss += -np.sum(t * np.log(probabilities + 1e-12))
            correct += np.sum(np.argmax(probabilities, axis=0) == np.argmax(t, axis=0))
            update(parameters, _backward(parameters, caches, t, depth))
        return Work(float(total_loss / len(order)), float(correct / len(order)))

    return run_epoch


def _initial_parameters(problem: Problem) -> Arrays:
    parameters: Arrays = {}
    for layer, (weights, biases) in enumerate(problem.initial_weights(), start=1):
        parameters[f"W{layer}"] = weights.T.astype(np.float64)  # (fan_out, fan_in)
        parameters[f"b{layer}"] = biases.astype(np.float64)[:, None]
    return parameters


def _forward(parameters: Arrays, x: np.ndarray, depth: int) -> Arrays:
    caches: Arrays = {"A0": x}
    for layer in range(1, depth + 1):
        z = parameters[f"W{layer}"] @ caches[f"A{layer - 1}"] + parameters[f"b{layer}"]
        caches[f"Z{layer}"] = z
        caches[f"A{layer}"] = np.maximum(z, 0) if layer < depth else _softmax(z)
    return caches


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - np.max(z, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True)


def _backward(parameters: Arrays, caches: Arrays, t: np.ndarray, depth: int) -> Arrays:
    samples = t.shape[1]
    gradients: Arrays = {}
    dz = caches[f"A{depth}"] - t
    for layer in range(depth, 0, -1):
        gradients[f"W{layer}"] = dz @ caches[f"A{layer - 1}"].T / samples
        gradients[f"b{layer}"] = np.sum(dz, axis=1, keepdims=True) / samples
        if layer > 1:
            dz = (parameters[f"W{layer}"].T @ dz) * (caches[f"Z{layer - 1}"] > 0)
    return gradients


class _SGD:
    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        for key, gradient in gradients.items():
            parameters[key] = parameters[key] - self.learning_rate * gradient


class _Adam:
    def __init__(self, learning_rate: float) -> None:
        self.learning_rate, self.t = learning_rate, 0
        self.m: Arrays = {}
        self.v: Arrays = {}

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        self.t += 1
        for key, gradient in gradients.items():
            self.m[key] = 0.9 * self.m.get(key, np.zeros_like(gradient)) + 0.1 * gradient
            self.v[key] = 0.999 * self.v.get(key, np.zeros_like(gradient)) + 0.001 * gradient**2
            m_hat = self.m[key] / (1 - 0.9**self.t)
            v_hat = self.v[key] / (1 - 0.999**self.t)
            step = self.learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
            parameters[key] = parameters[key] - step


VARIANTS: dict[str, Prepare] = {"textbook NumPy": prepare}
