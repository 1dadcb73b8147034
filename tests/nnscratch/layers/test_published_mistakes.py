"""The published mistakes, compared with numbers that were computed by hand."""

import math
from pathlib import Path

import numpy as np
import pytest

from nnscratch import (
    SGD,
    CrossEntropyLoss,
    Linear,
    Network,
    Sigmoid,
    Softmax,
    load_checkpoint,
    save_checkpoint,
)
from nnscratch.layers import AbstractLinear
from nnscratch.layers.published_mistakes import HastyLinear, MisderivedSigmoid

RATE = 0.5


@pytest.mark.parametrize(
    ("z", "right", "mistaken"),
    [
        (0.0, 0.25, 0.23500371),  # y = 0.5;        σ(0.5) = 0.62245933
        (4.0, 0.01766271, 0.19824029),  # y = 0.98201379; σ(y) = 0.72750836
        (-20.0, 2.06e-9, 0.25),  # y ≈ 0;          σ(0) = 0.5: as for a unit that is not saturated
    ],
)
def test_the_mistaken_slope_of_the_sigmoid_is_nearly_constant(
    z: float, right: float, mistaken: float
) -> None:
    inputs, upstream = np.array([[z]]), np.array([[1.0]])
    correct, wrong = Sigmoid(), MisderivedSigmoid()
    np.testing.assert_array_equal(wrong.forward(inputs), correct.forward(inputs))
    assert correct.backward(upstream)[0, 0] == pytest.approx(right, abs=1e-8)
    assert wrong.backward(upstream)[0, 0] == pytest.approx(mistaken, abs=1e-8)


def two_layers(last: AbstractLinear) -> Network:
    """2-2-2, sigmoid and softmax, from fixed weights."""
    layers = [Linear(2, 2), Sigmoid(), last, Softmax()]
    network = Network(layers, outputs="scores", dtype=np.float64)
    network.parameters[:] = [0.3, -0.2, 0.8, 0.5, 0.1, -0.1, 0.7, -0.4, -0.6, 0.9, 0.2, 0.0]
    return network


def step(network: Network, inputs: list[float], target: list[float]) -> np.ndarray:
    """The parameters after one step on one sample."""
    outputs = network.forward([inputs])
    network.backward(CrossEntropyLoss().gradient(outputs, np.array([target])))
    SGD(learning_rate=RATE).step(network.parameters, network.gradients)
    return network.parameters


def by_hand(x: list[float], t: list[float], *, hasty: bool) -> list[float]:
    """The same step, number by number: layer 2 is updated after or, if ``hasty``, before."""
    w1, b1 = [[0.3, -0.2], [0.8, 0.5]], [0.1, -0.1]
    w2, b2 = [[0.7, -0.4], [-0.6, 0.9]], [0.2, 0.0]
    two = range(2)
    hidden = [1 / (1 + math.exp(-(b1[j] + sum(x[i] * w1[i][j] for i in two)))) for j in two]
    powers = [math.exp(b2[k] + sum(hidden[j] * w2[j][k] for j in two)) for k in two]
    errors = [power / sum(powers) - target for power, target in zip(powers, t, strict=True)]
    updated = [[w2[j][k] - RATE * hidden[j] * errors[k] for k in two] for j in two]
    seen = updated if hasty else w2
    below = [sum(seen[j][k] * errors[k] for k in two) * hidden[j] * (1 - hidden[j]) for j in two]
    return [
        *(w1[i][j] - RATE * x[i] * below[j] for i in two for j in two),
        *(b1[j] - RATE * below[j] for j in two),
        *(updated[j][k] for j in two for k in two),
        *(b2[k] - RATE * errors[k] for k in two),
    ]


def test_a_hasty_layer_propagates_through_weights_that_it_has_updated() -> None:
    inputs, target = [1.0, -2.0], [0.0, 1.0]
    right = step(two_layers(Linear(2, 2)), inputs, target)
    hasty = step(two_layers(HastyLinear(2, 2, learning_rate=RATE)), inputs, target)
    np.testing.assert_allclose(right, by_hand(inputs, target, hasty=False), rtol=0, atol=1e-14)
    np.testing.assert_allclose(hasty, by_hand(inputs, target, hasty=True), rtol=0, atol=1e-14)
    assert abs(hasty[:6] - right[:6]).max() > 1e-3, "the first layer gets another gradient"
    np.testing.assert_array_equal(hasty[6:], right[6:])


def test_a_network_with_a_mistake_is_saved_and_loaded(tmp_path: Path) -> None:
    layers = [HastyLinear(3, 2, learning_rate=RATE), MisderivedSigmoid()]
    network = Network(layers, outputs="scores")
    loaded = load_checkpoint(save_checkpoint(network, tmp_path / "mistaken.npz"))
    assert [type(layer) for layer in loaded.layers] == [HastyLinear, MisderivedSigmoid]
    np.testing.assert_array_equal(loaded.apply([[1, 0, 1]]), network.apply([[1, 0, 1]]))
