"""Parity with scikit-learn: the same weights and batches lead to the same training.

The tests use only the public interface of its estimators. One ``partial_fit`` on one
batch is one step, and ``loss_`` is then the loss of that batch before the step.
Scikit-learn draws the initial weights. They are read from a second estimator with the same
``random_state``, whose first step is too short to change any float.

Where the published conventions differ, ours is translated into theirs:

Adam     scikit-learn adds ε to √v before the bias correction of v, we add it to √v̂ as
         algorithm 1 of the paper does: its ε is our ε · √(1 − β₂ᵗ).
squares  its loss is half the mean square, and it descends half the *sum* of squares over
         the K outputs: the loss is ½ of ours, the gradient K/2 times ours. Adam's step
         is the same when ε is divided by that factor, SGD's when η is multiplied by it.
SGD      its velocity contains the rate, v ← μv − ηg and θ ← θ + v: the same at a constant rate.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor

from nnscratch import (
    SGD,
    Adam,
    Linear,
    Loss,
    MSELoss,
    Network,
    Optimizer,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
    mlp,
    one_hot,
)
from nnscratch.architectures import Output

TOLERANCE = 1e-9
STEPS, BATCH, FEATURES, HIDDEN = 20, 16, 12, (10, 7)

Estimator: TypeAlias = Any  # MLPClassifier or MLPRegressor: scikit-learn declares no types


@dataclass(frozen=True)
class Task:
    """An output with its loss, and how scikit-learn's convention relates to ours."""

    output: Output
    outputs: int
    loss: Loss
    loss_factor: float = 1.0  # their loss / ours
    gradient_factor: float = 1.0  # their gradient / ours

    @property
    def is_classification(self) -> bool:
        return self.output != "linear"

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Scikit-learn's y and our targets (BATCH, outputs) for one batch."""
        if not self.is_classification:
            values = rng.normal(size=(BATCH, self.outputs))
            return (values[:, 0] if self.outputs == 1 else values), values
        labels = rng.integers(0, max(self.outputs, 2), BATCH)
        if self.outputs == 1:
            return labels, labels[:, None].astype(np.float64)
        return labels, one_hot(labels, self.outputs, np.float64)


TASKS = {
    "softmax": Task("logits", 5, SoftmaxCrossEntropyLoss()),
    "sigmoid": Task("sigmoid_logits", 1, SigmoidCrossEntropyLoss()),
    "one value": Task("linear", 1, MSELoss(), loss_factor=1 / 2, gradient_factor=1 / 2),
    "three values": Task("linear", 3, MSELoss(), loss_factor=1 / 2, gradient_factor=3 / 2),
}
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


def estimator(task: Task, activation: str, **solver: object) -> Estimator:
    kind: Any = MLPClassifier if task.is_classification else MLPRegressor
    return kind(
        hidden_layer_sizes=HIDDEN,
        activation=ACTIVATIONS[activation],
        alpha=0.0,
        shuffle=False,
        random_state=3,
        **solver,
    )


def partial_fit(theirs: Estimator, task: Task, inputs: np.ndarray, y: np.ndarray) -> float:
    """One step of scikit-learn; the loss before it."""
    if task.is_classification:
        theirs.partial_fit(inputs, y, classes=np.arange(max(task.outputs, 2)))
    else:
        theirs.partial_fit(inputs, y)
    return theirs.loss_


def network_with_the_weights_of(theirs: Estimator, task: Task, activation: str) -> Network:
    """Our network, with the weights that ``theirs`` will draw when it is first fitted."""
    untouched: Estimator = clone(theirs)
    untouched.set_params(learning_rate_init=1e-300)
    y, _ = task.sample(np.random.default_rng(0))
    partial_fit(untouched, task, np.ones((BATCH, FEATURES)), y)
    sizes = [FEATURES, *HIDDEN, task.outputs]
    network = mlp(sizes, activation=activation, output=task.output, dtype=np.float64)
    for layer, weights, biases in zip(
        linear_layers(network), untouched.coefs_, untouched.intercepts_, strict=True
    ):
        layer.weights[:], layer.biases[:] = weights, biases
    return network


def linear_layers(network: Network) -> list[Linear]:
    return [layer for layer in network.layers if isinstance(layer, Linear)]


def our_step(
    network: Network, loss: Loss, optimizer: Optimizer, inputs: np.ndarray, targets: np.ndarray
) -> float:
    """One step of ours; the loss before it."""
    value, gradient = loss.value_and_gradient(network.forward(inputs), targets)
    network.backward(gradient)
    optimizer.step(network.parameters, network.gradients)
    return value


def largest_difference(network: Network, theirs: Estimator) -> float:
    """The largest difference between a weight or bias and its counterpart."""
    layers = zip(linear_layers(network), theirs.coefs_, theirs.intercepts_, strict=True)
    return max(
        float(np.max(np.abs(ours - their)))
        for layer, coefs, intercepts in layers
        for ours, their in ((layer.weights, coefs), (layer.biases, intercepts))
    )


def assert_the_same_training(
    task: Task, activation: str, theirs: Estimator, optimizer: Optimizer
) -> None:
    """Losses and weights agree at each step, and predictions agree after the last."""
    network = network_with_the_weights_of(theirs, task, activation)
    before = network.parameters.copy()
    rng = np.random.default_rng(1)
    for t in range(1, STEPS + 1):
        inputs = rng.normal(size=(BATCH, FEATURES))
        y, targets = task.sample(rng)
        if isinstance(optimizer, Adam):
            optimizer.epsilon = epsilon_like(theirs, t) / task.gradient_factor
        their_loss = partial_fit(theirs, task, inputs, y)
        our_loss = our_step(network, task.loss, optimizer, inputs, targets)
        assert abs(task.loss_factor * our_loss - their_loss) <= TOLERANCE, f"loss of step {t}"
        assert largest_difference(network, theirs) <= TOLERANCE, f"weights after step {t}"
    assert np.max(np.abs(network.parameters - before)) > 0.01, "the weights have moved"

    inputs = rng.normal(size=(50, FEATURES))
    if task.is_classification:
        ours, their = network.predict_proba(inputs), theirs.predict_proba(inputs)
    else:
        ours, their = network.apply(inputs), theirs.predict(inputs).reshape(50, -1)
    np.testing.assert_allclose(ours, their, rtol=0, atol=TOLERANCE)


def epsilon_like(theirs: Estimator, t: int) -> float:
    """The ε of the paper's algorithm 1 that makes its step ``t`` the one of scikit-learn."""
    return theirs.epsilon / (1 - theirs.beta_2**t) ** 0.5


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("epsilon", [1e-8, 1e-2])
def test_adam(task: str, activation: str, epsilon: float) -> None:
    """A large ε, too: only then does its place in the formula matter."""
    theirs = estimator(
        TASKS[task], activation, solver="adam", learning_rate_init=0.01, epsilon=epsilon
    )
    assert_the_same_training(TASKS[task], activation, theirs, Adam(learning_rate=0.01))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("nesterov", [False, True], ids=["heavy ball", "nesterov"])
def test_sgd_with_momentum(task: str, activation: str, nesterov: bool) -> None:
    theirs = estimator(
        TASKS[task],
        activation,
        solver="sgd",
        learning_rate_init=0.05,
        momentum=0.9,
        nesterovs_momentum=nesterov,
    )
    ours = SGD(learning_rate=0.05 * TASKS[task].gradient_factor, momentum=0.9, nesterov=nesterov)
    assert_the_same_training(TASKS[task], activation, theirs, ours)


def test_the_comparison_sees_the_place_of_epsilon() -> None:
    """Without the translation the two Adams differ after the first step."""
    task = TASKS["softmax"]
    theirs = estimator(task, "tanh", solver="adam", learning_rate_init=0.01, epsilon=1e-2)
    network = network_with_the_weights_of(theirs, task, "tanh")
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(BATCH, FEATURES))
    y, targets = task.sample(rng)
    partial_fit(theirs, task, inputs, y)
    our_step(network, task.loss, Adam(learning_rate=0.01, epsilon=1e-2), inputs, targets)
    assert largest_difference(network, theirs) > 1e5 * TOLERANCE
