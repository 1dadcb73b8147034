"""The core agrees with plain lists and loops on outputs, gradients and updates, to 1e-12.

The reference has no arrays, flat vectors, views or buffers, so it cannot share a mistake in them.
"""

import subprocess
import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.training.pure_python import mlp as pure_python_mlp
from experiments.training.pure_python.mlp import (
    CROSS_ENTROPY,
    MLP,
    RELU,
    SIGMOID,
    SQUARED_ERROR,
    Hidden,
    sigmoid,
)
from nnscratch import (
    SGD,
    Linear,
    Loss,
    MSELoss,
    Network,
    Softmax,
    SoftmaxCrossEntropyLoss,
    mlp,
    one_hot,
)
from nnscratch.architectures import Output

TOLERANCE = 1e-12
LEARNING_RATE = 0.5
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Route:
    """One output and loss, as the reference and as the core name it."""

    reference: pure_python_mlp.Output
    output: Output
    loss: Loss


HIDDEN = {"sigmoid": SIGMOID, "relu": RELU}
ROUTES = {
    "squared error": Route(SQUARED_ERROR, "sigmoid", MSELoss()),
    "cross-entropy": Route(CROSS_ENTROPY, "logits", SoftmaxCrossEntropyLoss()),
}


def core_with_the_weights_of(
    reference: MLP, sizes: list[int], activation: str, output: Output
) -> Network:
    network = mlp(sizes, activation=activation, output=output, dtype=np.float64)
    for layer, weights in zip(linear_layers(network), reference.layers, strict=True):
        layer.weights[:], layer.biases[:] = weights.weights, weights.biases
    return network


def linear_layers(network: Network) -> list[Linear]:
    return [layer for layer in network.layers if isinstance(layer, Linear)]


def flat(layers: list[pure_python_mlp.Layer]) -> np.ndarray:
    """Weights, biases, weights, biases, …: the order of the core's vectors."""
    return np.array(
        [value for layer in layers for value in chain(*layer.weights, layer.biases)], np.float64
    )


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    batch=st.integers(1, 6),
    sizes=st.lists(st.integers(1, 7), min_size=2, max_size=4),
)
def test_forward_backward_and_update_agree(
    activation: str, route: str, seed: int, batch: int, sizes: list[int]
) -> None:
    assume(route == "squared error" or sizes[-1] > 1)
    chosen, hidden = ROUTES[route], HIDDEN[activation]
    reference = MLP(sizes, hidden=hidden, output=chosen.reference, seed=seed)
    network = core_with_the_weights_of(reference, sizes, activation, chosen.output)
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(batch, sizes[0]))
    targets = one_hot(rng.integers(0, sizes[-1], batch), sizes[-1], np.float64)

    outputs = network.forward(inputs)
    shown = Softmax().apply(outputs) if chosen.output == "logits" else outputs
    expected = [reference.forward(sample)[-1] for sample in inputs.tolist()]
    assert_agreement(shown, np.array(expected))

    loss, gradient = chosen.loss.value_and_gradient(outputs, targets)
    network.backward(gradient)
    expected_loss, expected_gradients, _ = reference.backward(inputs.tolist(), targets.tolist())
    assert abs(loss - expected_loss) <= TOLERANCE
    assert_agreement(network.gradients, flat(expected_gradients))

    SGD(learning_rate=LEARNING_RATE).step(network.parameters, network.gradients)
    assert reference.step(inputs.tolist(), targets.tolist(), LEARNING_RATE) == expected_loss
    assert_agreement(network.parameters, flat(reference.layers))


def assert_agreement(computed: np.ndarray, expected: np.ndarray) -> None:
    assert computed.shape == expected.shape
    np.testing.assert_allclose(computed, expected, rtol=0, atol=TOLERANCE)


def test_the_published_slope_of_the_activation_would_be_noticed() -> None:
    """System 1 took σ′ at σ(z). The comparison sees the difference."""
    published = Hidden(sigmoid, lambda y: sigmoid(y) * (1 - sigmoid(y)))
    mistaken, correct = MLP([3, 4, 2], hidden=published), MLP([3, 4, 2])
    inputs, targets = [[0.5, -1.0, 2.0]], [[1.0, 0.0]]
    difference = flat(mistaken.backward(inputs, targets)[1]) - flat(
        correct.backward(inputs, targets)[1]
    )
    assert np.max(np.abs(difference)) > 1e-3


def test_the_reference_learns_xor() -> None:
    """From the published initialization."""
    reference = MLP([2, 6, 2], seed=1)
    inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    targets = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]
    for _ in range(3000):
        reference.step(inputs, targets, learning_rate=3.0)
    for sample, target in zip(inputs, targets, strict=True):
        outputs = reference.forward(sample)[-1]
        assert outputs.index(max(outputs)) == target.index(1.0)


@pytest.mark.parametrize(("z", "limit"), [(-1e9, 0.0), (1e9, 1.0)])
def test_the_sigmoid_of_the_reference_overflows_on_neither_tail(z: float, limit: float) -> None:
    assert sigmoid(z) == pytest.approx(limit, abs=1e-300)


def test_the_reference_runs_without_numpy() -> None:
    """A fresh interpreter trains one step without loading NumPy."""
    script = (
        "import sys; from experiments.training.pure_python.mlp import MLP; "
        "MLP([2, 3, 2]).step([[1.0, 2.0]], [[0.0, 1.0]], 0.1); print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "False"
