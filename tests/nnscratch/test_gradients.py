"""Whole networks, and every loss, against central differences in float64.

Single layers are in ``layers/test_contract.py``.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nnscratch
from nnscratch import (
    BatchNorm,
    CrossEntropyLoss,
    Dataset,
    Loss,
    MSELoss,
    Network,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
    mlp,
    one_hot,
)
from nnscratch.inspection.gradient_check import (
    check_direction,
    check_network,
    numerical_gradient,
    relative_error,
)
from nnscratch.layers import ACTIVATIONS, Activation

TOLERANCE = 1e-7

ROUTES = [
    ("logits", SoftmaxCrossEntropyLoss()),
    ("logits", SoftmaxCrossEntropyLoss(label_smoothing=0.2)),
    ("sigmoid_logits", SigmoidCrossEntropyLoss()),
    ("softmax", CrossEntropyLoss()),
    ("softmax", MSELoss()),
    ("sigmoid", CrossEntropyLoss()),
    ("sigmoid", MSELoss()),
    ("linear", MSELoss()),
]
SIZES = st.integers(1, 6)
KINKS = {"relu": 1e-3, "leaky_relu": 1e-3}  # ReLUs have no derivative at 0


def name(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


def sample(seed: int, batch: int, features: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, batch)
    return rng.uniform(-1, 1, (batch, features)), one_hot(labels, classes, np.float64)


def test_every_loss_of_the_package_is_checked() -> None:
    exported = {kind for kind in vars(nnscratch).values() if isinstance(kind, type)}
    losses = {kind for kind in exported if issubclass(kind, Loss)} - {Loss}
    assert {type(loss) for _, loss in ROUTES} == losses


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
@settings(max_examples=10, deadline=None, derandomize=True)
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
    assume(distance_to_a_kink(network, inputs) > KINKS.get(activation, 0))
    assert check_network(network, loss, inputs, targets) < TOLERANCE


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    batch=SIZES,
    hidden=st.integers(2, 5),
    dropout=st.sampled_from([0.0, 0.3]),
)
def test_parameter_gradients_with_batch_norm_and_dropout(
    activation: str, output, loss: Loss, seed: int, batch: int, hidden: int, dropout: float
) -> None:
    """A bias before a BatchNorm has the gradient 0: the mean removes what the bias adds."""
    network = mlp(
        [4, hidden, hidden + 1, 3],
        activation=activation,
        init="xavier_normal",
        output=output,
        batch_norm=True,
        dropout=dropout,
        input_dropout=dropout / 2,
        seed=seed,
        dtype=np.float64,
    )
    inputs, targets = sample(seed, batch, 4, 3)
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            layer.epsilon = 0.1  # with σ near 0 the central difference would lose all digits
            layer.shift[:] = 0.3  # else a batch of one would lie on the kink of ReLU
    assume(distance_to_a_kink(network, inputs) > KINKS.get(activation, 0))
    assert check_network(network, loss, inputs, targets) < TOLERANCE


def distance_to_a_kink(network: Network, inputs: np.ndarray) -> float:
    """The smallest |z| among the inputs of all activations in the next training pass."""
    masks, statistics = network.dropout_generator.bit_generator.state, network.statistics.copy()
    network.forward(inputs)
    network.dropout_generator.bit_generator.state = masks
    network.statistics[:] = statistics
    given = zip(network.layers, network.trace[:-1], strict=True)
    return min(float(np.abs(z).min()) for layer, z in given if isinstance(layer, Activation))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
def test_gradients_of_a_larger_network_along_random_directions(
    output, loss: Loss, activation: str, batch_norm: bool
) -> None:
    network = mlp(
        [100, 32, 16, 10],
        activation=activation,
        init="xavier_normal",
        output=output,
        batch_norm=batch_norm,
        dropout=0.2,
        seed=1,
        dtype=np.float64,
    )
    rng = np.random.default_rng(3)
    inputs, targets = sample(1, 16, 100, 10)
    for _ in range(5):
        assert check_direction(network, loss, inputs, targets, rng) < TOLERANCE


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch_size=st.integers(2, 12), last=st.integers(1, 11))
def test_gradients_of_a_shorter_last_batch(
    activation: str, seed: int, batch_size: int, last: int
) -> None:
    """It reuses the buffers of the longer batches."""
    rng = np.random.default_rng(seed)
    samples = 2 * batch_size + min(last, batch_size - 1)
    dataset = Dataset(rng.normal(size=(samples, 4)), rng.integers(0, 3, samples))
    network = mlp(
        [4, 5, 3], activation=activation, batch_norm=True, dropout=0.2, seed=0, dtype=np.float64
    )
    network.layers[1].epsilon = 0.1  # type: ignore[attr-defined]
    network.layers[1].shift[:] = 0.3  # type: ignore[attr-defined]
    loss, sizes = SoftmaxCrossEntropyLoss(), []
    for inputs, labels in dataset.shuffled_batches(batch_size, rng):
        sizes.append(len(inputs))
        assume(distance_to_a_kink(network, inputs) > KINKS.get(activation, 0))
        targets = one_hot(labels, 3, np.float64)
        assert check_network(network, loss, inputs, targets) < TOLERANCE
    assert sizes == [batch_size, batch_size, samples - 2 * batch_size]


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2]])
def test_central_differences_work_in_any_memory_layout(layout) -> None:
    array = layout(np.random.default_rng(0).normal(size=(3, 4)))
    found = numerical_gradient(lambda: float(np.sum(array**2)), array)
    assert relative_error(found, 2 * array) < TOLERANCE


def test_a_check_leaves_the_network_as_it_was_and_needs_float64() -> None:
    network = mlp([4, 6, 3], batch_norm=True, dropout=0.3, dtype=np.float64, seed=0)
    before, masks = network.state.copy(), network.dropout_generator.bit_generator.state
    sampled, rng = sample(0, 5, 4, 3), np.random.default_rng(0)
    check_network(network, SoftmaxCrossEntropyLoss(), *sampled)
    check_direction(network, SoftmaxCrossEntropyLoss(), *sampled, rng)
    np.testing.assert_array_equal(network.state, before)
    assert network.dropout_generator.bit_generator.state == masks
    with pytest.raises(ValueError, match="float64"):
        check_network(mlp([4, 6, 3]), SoftmaxCrossEntropyLoss(), *sampled)
    with pytest.raises(ValueError, match="float64"):
        check_direction(mlp([4, 6, 3]), SoftmaxCrossEntropyLoss(), *sampled, rng)


@pytest.mark.parametrize(("output", "loss"), ROUTES, ids=name)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch=SIZES, classes=st.integers(2, 6))
def test_loss_gradient_with_respect_to_the_outputs(
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
        def per_sample(self, outputs, targets):
            losses, gradient = SoftmaxCrossEntropyLoss().per_sample(outputs, targets)
            return losses, gradient * 1.001

    assert check_network(network, WithoutTheMean(), inputs, targets) > 1e-4
    rng = np.random.default_rng(0)
    assert check_direction(network, WithoutTheMean(), inputs, targets, rng) > 1e-5
