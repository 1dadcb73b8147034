"""Layers: values, both tails, and the promises about memory."""

import numpy as np
import pytest

from nnscratch import Linear, Network, ReLU, Sigmoid, Softmax, Tanh
from nnscratch.layers import Layer

ELEMENTWISE = [ReLU, Sigmoid, Tanh, Softmax]


def test_linear_is_x_w_plus_b() -> None:
    network = Network([Linear(2, 3)], dtype=np.float64)
    [layer] = network.layers
    assert isinstance(layer, Linear)
    layer.weights[:] = [[1, 2, 3], [4, 5, 6]]
    layer.biases[:] = [10, 20, 30]
    np.testing.assert_array_equal(network.forward([[1.0, 1.0]]), [[15, 27, 39]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_stable_on_both_tails(dtype: type) -> None:
    z = np.array([[-1e4, -30, 0, 30, 1e4]], dtype)
    outputs = Sigmoid().apply(z)
    np.testing.assert_allclose(
        outputs, [[0, 0, 0.5, 1, 1]], atol=1e-12 if dtype == np.float64 else 1e-7
    )
    assert outputs.dtype == dtype


def test_softmax_of_huge_logits_is_a_distribution() -> None:
    outputs = Softmax().apply(np.array([[1e4, 0, -1e4], [1e4, 1e4, 1e4]], np.float32))
    np.testing.assert_allclose(outputs, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_forward_equals_apply_and_writes_into_no_input(kind: type[Layer]) -> None:
    inputs = np.random.default_rng(0).normal(size=(7, 5))
    given = inputs.copy()
    layer = kind()
    np.testing.assert_array_equal(layer.forward(inputs), layer.apply(inputs))
    upstream = np.ones_like(inputs)
    layer.backward(upstream)
    np.testing.assert_array_equal(inputs, given)
    np.testing.assert_array_equal(upstream, 1)


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_a_shorter_batch_after_a_longer_one(kind: type[Layer]) -> None:
    """The last batch of an epoch reuses the first rows of the buffers."""
    rng = np.random.default_rng(0)
    long, short = rng.normal(size=(8, 3)), rng.normal(size=(2, 3))
    layer, fresh = kind(), kind()
    layer.forward(long)
    layer.backward(long)
    np.testing.assert_array_equal(layer.forward(short), fresh.forward(short))
    np.testing.assert_array_equal(layer.backward(short), fresh.backward(short))


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_prediction_leaves_training_memory_alone(kind: type[Layer]) -> None:
    rng = np.random.default_rng(0)
    inputs, others = rng.normal(size=(2, 4, 3))
    layer, undisturbed = kind(), kind()
    layer.forward(inputs)
    undisturbed.forward(inputs)
    layer.apply(others)
    np.testing.assert_array_equal(layer.backward(inputs), undisturbed.backward(inputs))


@pytest.mark.parametrize(("fan_in", "fan_out"), [(0, 3), (3, 0), (-1, 2)])
def test_linear_refuses_sizes_below_one(fan_in: int, fan_out: int) -> None:
    with pytest.raises(ValueError, match="sizes of 1 or more"):
        Linear(fan_in, fan_out)
