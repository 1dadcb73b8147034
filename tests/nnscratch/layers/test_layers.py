"""Layers: known values, and both tails."""

import math

import numpy as np
import pytest

from nnscratch import (
    ELU,
    BatchNorm,
    Dropout,
    LeakyReLU,
    Linear,
    Network,
    Sigmoid,
    Softmax,
    mlp,
)


def batch_norm(size: int, **settings: float) -> BatchNorm:
    """A float64 layer of a small network."""
    [_, layer] = Network([Linear(size, size), BatchNorm(size, **settings)], dtype=np.float64).layers
    assert isinstance(layer, BatchNorm)
    return layer


def test_linear_is_x_w_plus_b() -> None:
    network = Network([Linear(2, 3)], dtype=np.float64)
    [layer] = network.layers
    assert isinstance(layer, Linear)
    layer.weights[:] = [[1, 2, 3], [4, 5, 6]]
    layer.biases[:] = [10, 20, 30]
    np.testing.assert_array_equal(network.forward([[1.0, 1.0]]), [[15, 27, 39]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_stable_on_both_tails(dtype: type) -> None:
    z = np.array([[-1e4, -87, -40, -20, -5, 0, 5, 40, 1e4]], dtype)
    outputs = Sigmoid().apply(z)
    expected = [[0.0, *(math.exp(x) / (1 + math.exp(x)) for x in z[0, 1:8].tolist()), 1.0]]
    np.testing.assert_allclose(outputs, expected, rtol=4 * np.finfo(dtype).eps, atol=0)
    assert outputs.dtype == dtype


def test_softmax_of_huge_logits_is_a_distribution() -> None:
    outputs = Softmax().apply(np.array([[1e4, 0, -1e4], [1e4, 1e4, 1e4]], np.float32))
    np.testing.assert_allclose(outputs, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)


def test_elu_is_stable_on_both_tails() -> None:
    outputs = ELU(alpha=2.0).apply(np.array([[-1e4, -1e-9, 0, 3, 1e4]]))
    np.testing.assert_allclose(outputs, [[-2, -2e-9, 0, 3, 1e4]])


def test_leaky_relu_keeps_a_slope_where_relu_has_none() -> None:
    layer = LeakyReLU(slope=0.2)
    np.testing.assert_allclose(layer.forward(np.array([[-5.0, 5.0]])), [[-1, 5]])
    np.testing.assert_allclose(layer.backward(np.array([[10.0, 10.0]])), [[2, 10]])


# --- dropout --------------------------------------------------------------------------------


def test_dropout_is_off_in_prediction() -> None:
    inputs = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(Dropout(0.9).apply(inputs), inputs)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_the_mean_and_drops_a_share_of_rate(rate: float, dtype: type) -> None:
    layer = Dropout(rate)
    outputs = layer.forward(np.ones((500, 200), dtype))
    assert outputs.dtype == dtype
    assert set(np.unique(outputs)) <= {dtype(0), dtype(1 / (1 - rate))}
    assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
    assert outputs.mean() == pytest.approx(1, abs=0.02)
    # A dropped unit gets no gradient. The gradient of the others is scaled as they are.
    np.testing.assert_array_equal(layer.backward(np.ones((500, 200), dtype)), outputs)


def test_dropout_in_a_network_depends_only_on_the_seed() -> None:
    def masked(seed: int) -> list[np.ndarray]:
        network = mlp([6, 50, 3], dropout=0.5, input_dropout=0.2, init="constant:1", seed=seed)
        return [network.forward(np.ones((2, 6))).copy() for _ in range(3)]

    np.testing.assert_array_equal(masked(0), masked(0))
    assert np.any(masked(0)[0] != masked(1)[0])
    assert np.any(masked(0)[0] != masked(0)[1]), "every batch has its own mask"


# --- batch normalization -----------------------------------------------------------------------


def test_batch_norm_gives_every_feature_mean_0_and_variance_1() -> None:
    inputs = np.random.default_rng(0).normal(size=(64, 3)) * [1, 10, 100] + [5, 0, -1e4]
    layer = batch_norm(3, epsilon=1e-12)
    outputs = layer.forward(inputs)
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(outputs.var(axis=0), 1, rtol=1e-9)
    layer.scale[:], layer.shift[:] = [1, 2, 3], [4, 5, 6]
    outputs = layer.forward(inputs)
    np.testing.assert_allclose(outputs.mean(axis=0), [4, 5, 6], atol=1e-9)
    np.testing.assert_allclose(outputs.std(axis=0), [1, 2, 3], rtol=1e-9)


def test_batch_norm_predicts_with_running_statistics() -> None:
    """r ← 0.9 r + 0.1 · (mean or unbiased variance of the batch), from mean 0 and variance 1."""
    rng = np.random.default_rng(0)
    layer, mean, variance = batch_norm(4), np.zeros(4), np.ones(4)
    for _ in range(10):
        inputs = rng.normal(size=(8, 4)) + 3
        layer.forward(inputs)
        mean = 0.9 * mean + 0.1 * inputs.mean(axis=0)
        variance = 0.9 * variance + 0.1 * inputs.var(axis=0, ddof=1)
    np.testing.assert_allclose(layer.running_mean, mean, rtol=1e-12)
    np.testing.assert_allclose(layer.running_variance, variance, rtol=1e-12)
    alone = rng.normal(size=(1, 4))
    expected = (alone - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(layer.apply(alone), expected, rtol=1e-12)


def test_a_batch_of_one_has_no_variance_to_learn_from() -> None:
    layer = batch_norm(3)
    layer.shift[:] = [1, 2, 3]
    np.testing.assert_array_equal(layer.forward(np.array([[7.0, 8.0, 9.0]])), [[1, 2, 3]])
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3))), 0)
    np.testing.assert_array_equal(layer.running_mean, 0)
    np.testing.assert_array_equal(layer.running_variance, 1)


def test_prediction_changes_neither_statistics_nor_inputs() -> None:
    network = mlp([4, 5, 3], batch_norm=True, seed=0)
    inputs = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    given = inputs.copy()
    network.forward(inputs)
    before = network.state.copy()
    network.predict(inputs)
    network.activations(inputs)
    np.testing.assert_array_equal(network.state, before)
    np.testing.assert_array_equal(inputs, given)


# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Linear(0, 3), "fan_in must be .* 1 or more, got 0"),
        (lambda: Linear(3, 0), "fan_out must be .* 1 or more, got 0"),
        (lambda: Linear(-1, 2), "fan_in must be .* 1 or more, got -1"),
        (lambda: Dropout(1.0), "rate"),
        (lambda: Dropout(-0.1), "rate"),
        (lambda: Dropout(float("nan")), "rate"),
        (lambda: LeakyReLU(slope=1.0), "slope"),
        (lambda: LeakyReLU(slope=-0.1), "slope"),
        (lambda: ELU(alpha=0.0), "alpha"),
        (lambda: ELU(alpha=float("inf")), "alpha"),
        (lambda: BatchNorm(0), "size"),
        (lambda: BatchNorm(3, momentum=0.0), "momentum"),
        (lambda: BatchNorm(3, epsilon=0.0), "epsilon"),
    ],
)
def test_an_invalid_setting_is_named(build, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
