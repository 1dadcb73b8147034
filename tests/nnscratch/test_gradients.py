"""Every layer and loss against central differences, in float64."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnscratch import (
    CrossEntropyLoss,
    Linear,
    Loss,
    MSELoss,
    Network,
    ReLU,
    Sigmoid,
    SigmoidCrossEntropyLoss,
    Softmax,
    SoftmaxCrossEntropyLoss,
    Tanh,
    mlp,
    one_hot,
)
from nnscratch.gradient_check import check_network, numerical_gradient, relative_error
from nnscratch.layers import Layer

TOLERANCE = 1e-7

ROUTES = [
    ("logits", SoftmaxCrossEntropyLoss()),
    ("sigmoid_logits", SigmoidCrossEntropyLoss()),
    ("softmax", CrossEntropyLoss()),
    ("softmax", MSELoss()),
    ("sigmoid", CrossEntropyLoss()),
    ("sigmoid", MSELoss()),
    ("linear", MSELoss()),
]
SIZES = st.integers(1, 6)


def name(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


def sample(seed: int, batch: int, features: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, batch)
    return rng.uniform(-1, 1, (batch, features)), one_hot(labels, classes, np.float64)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6), batch=SIZES, features=SIZES, hidden=SIZES, classes=st.integers(2, 5)
)
def test_parameter_gradients_of_whole_networks(
    activation: str,
    output,
    loss: Loss,
    seed: int,
    batch: int,
    features: int,
    hidden: int,
    classes: int,
) -> None:
    network = mlp(
        [features, hidden, hidden + 1, classes],
        activation=activation,
        init="xavier_normal",
        bias_init="uniform",
        output=output,
        seed=seed,
        dtype=np.float64,
    )
    inputs, targets = sample(seed, batch, features, classes)
    before_relu = np.concatenate([z.ravel() for z in network.activations(inputs)[:-1:2]])
    assume(np.abs(before_relu).min() > 1e-3)  # there is no derivative at the kink
    assert check_network(network, loss, inputs, targets) < TOLERANCE


@pytest.mark.parametrize(
    "layer", [ReLU(), Sigmoid(), Tanh(), Softmax()], ids=lambda layer: type(layer).__name__
)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch=SIZES, size=SIZES)
def test_input_gradient_of_each_activation(layer: Layer, seed: int, batch: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, upstream = rng.normal(size=(2, batch, size))
    inputs += 0.01 * np.sign(inputs)  # away from the kink
    layer.forward(inputs)
    computed = layer.backward(upstream).copy()
    expected = numerical_gradient(lambda: float(np.sum(layer.apply(inputs) * upstream)), inputs)
    assert np.max(np.abs(computed - expected)) < TOLERANCE


def test_input_gradient_of_linear() -> None:
    rng = np.random.default_rng(0)
    network = Network([Linear(4, 3)], dtype=np.float64)
    [layer] = network.layers
    inputs, upstream = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    layer.forward(inputs)
    computed = layer.backward(upstream)
    expected = numerical_gradient(lambda: float(np.sum(layer.apply(inputs) * upstream)), inputs)
    assert relative_error(computed, expected) < TOLERANCE


@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch=SIZES, classes=st.integers(2, 6))
def test_loss_gradient_by_the_outputs(
    output: str, loss: Loss, seed: int, batch: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    _, targets = sample(seed, batch, 1, classes)
    scores = rng.uniform(0.05, 0.95, (batch, classes))
    outputs = scores if output in ("softmax", "sigmoid") else np.log(scores / (1 - scores))
    computed = loss.gradient(outputs, targets)
    expected = numerical_gradient(lambda: loss.value(outputs, targets), outputs)
    assert relative_error(computed, expected) < TOLERANCE


def test_the_check_finds_a_wrong_gradient() -> None:
    """A gradient check that cannot fail checks nothing."""
    network = mlp([3, 4, 2], dtype=np.float64, seed=0)
    inputs, targets = sample(0, 6, 3, 2)

    class WithoutTheMean(MSELoss.__base__):  # type: ignore[misc]
        output_activation = "identity"

        def per_sample(self, outputs, targets):
            losses, gradient = SoftmaxCrossEntropyLoss().per_sample(outputs, targets)
            return losses, gradient * 1.001

    assert check_network(network, WithoutTheMean(), inputs, targets) > 1e-4
