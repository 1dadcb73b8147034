"""The gradient of a logit with respect to the inputs, against central differences."""

import numpy as np
import pytest

from nnscratch import mlp
from nnscratch.inspection.attribution import input_times_gradient, logit_gradient
from nnscratch.inspection.gradient_check import numerical_gradient, relative_error
from nnscratch.layers import ACTIVATIONS

RNG = np.random.default_rng(7)
INPUTS = RNG.uniform(0.1, 1, (3, 9))
CHOSEN = np.array([2, 0, 1])


def chosen_logits(network, inputs, layers: int) -> float:
    """The sum of the chosen logits: each sample has its own row of the gradient."""
    return float(network.activations(inputs)[layers - 1][range(3), CHOSEN].sum())


@pytest.mark.parametrize("output", ["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_logit_gradient_agrees_with_central_differences(activation, output) -> None:
    network = mlp(
        [9, 8, 7, 3],
        activation=activation,
        output=output,
        batch_norm=True,
        dropout=0.3,
        seed=2,
        dtype=np.float64,
    )
    network.forward(RNG.normal(size=(50, 9)))  # moves the running statistics away from 0 and 1
    inputs = INPUTS.copy()
    logits = len(network.layers) - (output in ("softmax", "sigmoid"))
    expected = numerical_gradient(lambda: chosen_logits(network, inputs, logits), inputs)
    assert relative_error(logit_gradient(network, inputs, CHOSEN), expected) < 1e-7


def test_attribution_leaves_training_alone() -> None:
    """Attribution between a forward and its backward pass changes no gradient."""
    network = mlp([9, 8, 3], batch_norm=True, dropout=0.3, seed=2, dtype=np.float64)
    gradient = RNG.normal(size=(3, 3))
    network.forward(INPUTS)
    network.backward(gradient)
    expected, state = network.gradients.copy(), network.state.copy()
    masks = network.dropout_generator.bit_generator.state
    logit_gradient(network, RNG.random((1, 9)), np.array([1]))
    network.backward(gradient)
    np.testing.assert_array_equal(network.gradients, expected)
    np.testing.assert_array_equal(network.state, state)
    assert network.dropout_generator.bit_generator.state == masks


def test_without_biases_the_shares_of_a_relu_network_add_up_to_the_logit() -> None:
    network = mlp([9, 8, 7, 3], seed=2, dtype=np.float64)
    shares = input_times_gradient(network, INPUTS, CHOSEN)
    np.testing.assert_allclose(shares.sum(axis=1), network.apply(INPUTS)[range(3), CHOSEN])
