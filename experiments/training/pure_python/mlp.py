"""A multi-layer perceptron in lists and loops: the arithmetic of ``nnscratch``, nothing hidden.

It is the first of the published systems: sigmoid in every layer, weights from
U(−0.5, 0.5), biases 1, squared error, gradient descent on mini-batches. The published code
computes the slope σ′ at the activation, σ′(σ(z)); here it is computed at z, as the chain rule
says. With ReLU and cross-entropy instead, it is the network that we train by default.

A vector is a list of floats, a matrix a list of rows: ``weights[i][j]`` leads from
unit i to unit j, the shape (fan_in, fan_out) of the core.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

Vector: TypeAlias = list[float]
Matrix: TypeAlias = list[Vector]


def sigmoid(z: float) -> float:
    """1 / (1 + e⁻ᶻ), with z clamped to ±700, where the exponential still fits a float."""
    return 1 / (1 + math.exp(-max(-700.0, min(z, 700.0))))


def relu(z: float) -> float:
    """max(z, 0)."""
    return max(z, 0.0)


def softmax(logits: Vector) -> Vector:
    """p_k = e^{z_k} / Σ_j e^{z_j}; subtracting the maximum first changes no ratio."""
    largest = max(logits)
    exponentials = [math.exp(z - largest) for z in logits]
    total = sum(exponentials)
    return [e / total for e in exponentials]


def mean_square(outputs: Vector, targets: Vector) -> float:
    """L = (1/K) Σ_k (y_k − t_k)²."""
    return sum((y - t) ** 2 for y, t in zip(outputs, targets, strict=True)) / len(outputs)


def cross_entropy(probabilities: Vector, targets: Vector) -> float:
    """L = −Σ_k t_k log p_k."""
    return -sum(t * math.log(p) for p, t in zip(probabilities, targets, strict=True) if t > 0)


class Hidden(NamedTuple):
    """The activation y = f(z) of the hidden units, and its slope f′(z) in terms of y."""

    value: Callable[[float], float]
    slope: Callable[[float], float]


class Output(NamedTuple):
    """The last layer's activation y = f(z), the loss L(y, t) of one sample, and dL/dz."""

    value: Callable[[Vector], Vector]
    loss: Callable[[Vector, Vector], float]
    error: Callable[[Vector, Vector], Vector]


SIGMOID = Hidden(sigmoid, lambda y: y * (1 - y))
RELU = Hidden(relu, lambda y: 1.0 if y > 0 else 0.0)

SQUARED_ERROR = Output(
    lambda logits: [sigmoid(z) for z in logits],
    mean_square,
    # ∂L/∂y times σ′(z):
    lambda outputs, targets: [
        2 * (y - t) / len(outputs) * y * (1 - y) for y, t in zip(outputs, targets, strict=True)
    ],
)
CROSS_ENTROPY = Output(
    softmax,
    cross_entropy,
    lambda outputs, targets: [p - t for p, t in zip(outputs, targets, strict=True)],
)


@dataclass
class Layer:
    """The weights (fan_in, fan_out) and biases (fan_out) of one layer, or their gradients."""

    weights: Matrix
    biases: Vector

    def logits(self, inputs: Vector) -> Vector:
        """z_j = b_j + Σ_i x_i w_ij."""
        logits = list(self.biases)
        for x, row in zip(inputs, self.weights, strict=True):
            logits = [z + x * w for z, w in zip(logits, row, strict=True)]
        return logits

    def add_gradient(self, inputs: Vector, errors: Vector, share: float) -> None:
        """Adds one sample's ∂L/∂w_ij = x_i e_j and ∂L/∂b_j = e_j, times its share of the batch."""
        for x, row in zip(inputs, self.weights, strict=True):
            for j, error in enumerate(errors):
                row[j] += share * x * error
        for j, error in enumerate(errors):
            self.biases[j] += share * error

    def errors_below(self, errors: Vector) -> Vector:
        """∂L/∂x_i = Σ_j w_ij e_j: the gradient with respect to this layer's inputs."""
        return [
            sum(w * error for w, error in zip(row, errors, strict=True)) for row in self.weights
        ]

    def zeros_alike(self) -> "Layer":
        """A gradient of this shape, all zeros."""
        return Layer([[0.0] * len(row) for row in self.weights], [0.0] * len(self.biases))

    def descend(self, gradient: "Layer", learning_rate: float) -> None:
        """θ ← θ − η ∂L/∂θ."""
        for row, slopes in zip(
            [*self.weights, self.biases], [*gradient.weights, gradient.biases], strict=True
        ):
            for j, slope in enumerate(slopes):
                row[j] -= learning_rate * slope


class MLP:
    """Layers of the given sizes: ``MLP([784, 112, 16, 10])`` is the published network."""

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        hidden: Hidden = SIGMOID,
        output: Output = SQUARED_ERROR,
        seed: int = 0,
    ) -> None:
        rng = random.Random(seed)
        self.hidden, self.output = hidden, output
        self.layers = [
            Layer(
                [[rng.uniform(-0.5, 0.5) for _ in range(fan_out)] for _ in range(fan_in)],
                [1.0] * fan_out,
            )
            for fan_in, fan_out in pairwise(sizes)
        ]

    def forward(self, inputs: Vector) -> list[Vector]:
        """The inputs of one sample, then the activations of every layer; the outputs come last."""
        activations = [inputs]
        for layer in self.layers[:-1]:
            activations.append([self.hidden.value(z) for z in layer.logits(activations[-1])])
        activations.append(self.output.value(self.layers[-1].logits(activations[-1])))
        return activations

    def backward(self, inputs: Matrix, targets: Matrix) -> tuple[float, list[Layer], Matrix]:
        """The mean loss over a batch, its gradient for every layer, and the outputs."""
        gradients = [layer.zeros_alike() for layer in self.layers]
        share = 1 / len(inputs)
        loss = 0.0
        outputs = []
        for sample, target in zip(inputs, targets, strict=True):
            activations = self.forward(sample)
            loss += share * self.output.loss(activations[-1], target)
            outputs.append(activations[-1])
            errors = self.output.error(activations[-1], target)
            gradients[-1].add_gradient(activations[-2], errors, share)
            for k in range(len(self.layers) - 1, 0, -1):
                below = self.layers[k].errors_below(errors)
                errors = [
                    error * self.hidden.slope(y)
                    for error, y in zip(below, activations[k], strict=True)
                ]
                gradients[k - 1].add_gradient(activations[k - 1], errors, share)
        return loss, gradients, outputs

    def descend(self, gradients: Sequence[Layer], learning_rate: float) -> None:
        """θ ← θ − η ∂L/∂θ in every layer."""
        for layer, gradient in zip(self.layers, gradients, strict=True):
            layer.descend(gradient, learning_rate)

    def step(self, inputs: Matrix, targets: Matrix, learning_rate: float) -> float:
        """One step of gradient descent on a batch; returns the mean loss before it."""
        loss, gradients, _ = self.backward(inputs, targets)
        self.descend(gradients, learning_rate)
        return loss
