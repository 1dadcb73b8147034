"""Networks: the flat vectors, predictions, copies, and what is refused."""

import copy
import pickle
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from nnscratch import (
    BatchNorm,
    Dropout,
    Linear,
    Network,
    ReLU,
    SigmoidCrossEntropyLoss,
    Softmax,
    mlp,
)
from nnscratch.readout import probabilities


@pytest.fixture
def network() -> Network:
    return mlp([6, 5, 4, 3], seed=0)


def test_parameters_and_gradients_are_two_flat_vectors_with_views(network: Network) -> None:
    linear = [layer for layer in network.layers if isinstance(layer, Linear)]
    assert network.parameters.shape == (6 * 5 + 5 + 5 * 4 + 4 + 4 * 3 + 3,)
    for layer in linear:
        assert np.shares_memory(layer.weights, network.parameters)
        assert np.shares_memory(layer.grad_biases, network.gradients)
    before = network.forward(np.ones((1, 6))).copy()
    snapshot = network.parameters.copy()
    network.parameters[:] = 0
    assert not network.forward(np.ones((1, 6))).any()
    network.parameters[:] = snapshot
    np.testing.assert_array_equal(network.forward(np.ones((1, 6))), before)


def test_the_same_seed_gives_the_same_network(network: Network) -> None:
    np.testing.assert_array_equal(mlp([6, 5, 4, 3], seed=0).parameters, network.parameters)
    assert np.any(mlp([6, 5, 4, 3], seed=1).parameters != network.parameters)


def test_activations_are_the_outputs_of_every_layer(network: Network) -> None:
    inputs = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    activations = network.activations(inputs)
    assert [a.shape[1] for a in activations] == [5, 5, 4, 4, 3] == list(network.layer_sizes)
    np.testing.assert_array_equal(activations[-1], network.apply(inputs))


def test_threads_that_predict_disturb_neither_each_other_nor_a_training_step(
    network: Network,
) -> None:
    """Nobody looks at an answer before all threads have computed theirs."""
    threads, rng = 8, np.random.default_rng(0)
    batches = [rng.normal(size=(50, 6)) for _ in range(threads)]
    alone = [[outputs.copy() for outputs in network.activations(inputs)] for inputs in batches]
    gradient = network.forward(batches[0]).copy()
    network.backward(gradient)
    expected_gradients = network.gradients.copy()
    all_ready = threading.Barrier(threads, timeout=60)

    def predict(inputs: np.ndarray) -> list[np.ndarray]:
        all_ready.wait()
        answers = [*network.activations(inputs), network.apply(inputs)]
        all_ready.wait()
        return answers

    network.forward(batches[0])
    with ThreadPoolExecutor(threads) as pool:
        for expected, answers in zip(alone, pool.map(predict, batches), strict=True):
            for one, other in zip([*expected, expected[-1]], answers, strict=True):
                np.testing.assert_array_equal(one, other)
    network.backward(gradient)
    np.testing.assert_array_equal(network.gradients, expected_gradients)


@pytest.mark.parametrize("output", ["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_rows_of_probabilities_sum_to_1(output, classes: int) -> None:
    inputs = np.random.default_rng(0).normal(size=(50, 6))
    network = mlp([6, 8, classes], output=output, seed=0)
    probabilities = network.predict_proba(inputs)
    assert probabilities.shape == (50, classes)
    assert np.all(probabilities >= 0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    decided = probabilities.max(axis=1) > 1.001 / classes
    np.testing.assert_array_equal(
        probabilities.argmax(axis=1)[decided], network.predict(inputs)[decided]
    )


def test_a_row_without_a_positive_score_is_undecided() -> None:
    network = mlp([2, 4], output="linear", init="zeros", bias_init="constant:-1")
    np.testing.assert_allclose(network.predict_proba([[1.0, 2.0]]), 0.25)


@pytest.mark.parametrize("output", ["sigmoid_logits", "sigmoid"])
def test_a_single_output_scores_class_1_against_class_0(output) -> None:
    network = mlp([2, 1], output=output, init="constant:2")
    inputs = np.array([[3.0, 0.0], [-3.0, 0.0], [0.1, 0.0]])
    assert network.classes == 2
    np.testing.assert_array_equal(network.predict(inputs), [1, 0, 1])
    p = 1 / (1 + np.exp([-6, 6, -0.2]))
    np.testing.assert_allclose(
        network.predict_proba(inputs), np.stack([1 - p, p], axis=1), rtol=3e-5
    )


@pytest.mark.parametrize("output", ["logits", "sigmoid_logits", "sigmoid"])
def test_very_negative_outputs_keep_their_probabilities(output) -> None:
    network = mlp([3, 3], output=output, init="zeros", dtype=np.float64)
    network.layers[0].weights[:] = np.eye(3)  # type: ignore[attr-defined]
    scores = np.array([[-30.0, -18, -25], [-400, -500, -300]])
    probabilities = network.predict_proba(scores)
    np.testing.assert_array_equal(network.predict(scores), [1, 2])
    np.testing.assert_allclose(
        probabilities, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), rtol=1e-6
    )


def test_sigmoids_that_underflow_in_float32_keep_their_probabilities() -> None:
    network = mlp([3, 3], output="sigmoid_logits")
    outputs = np.array([[-3e4, -2e4, -4e4]], np.float32)
    np.testing.assert_array_equal(probabilities(outputs, network.outputs), [[0, 1, 0]])
    [[no, yes]] = probabilities(np.array([[20.0]], np.float32), "sigmoid_logits")
    assert no == pytest.approx(np.exp(-20), rel=1e-5)
    assert yes == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_nan_and_infinity_have_no_predicted_class(activation: str, value: float) -> None:
    network = mlp([3, 4, 2], activation=activation, seed=0)
    for call in (network.predict, network.predict_proba):
        with pytest.raises(ValueError, match=f"inputs must be finite.* got {value}"):
            call([[0.0, 1.0, 2.0], [0.0, value, 2.0]])
    network.parameters[0] = np.nan
    with pytest.raises(ValueError, match="outputs must be finite"):
        network.predict([[1.0, 1.0, 1.0]])


def test_inputs_whose_squares_overflow_are_finite() -> None:
    network = mlp([2, 2], init="zeros", bias_init="constant:1e25")
    np.testing.assert_array_equal(network.predict([[1e25, -1e25]]), [0])


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))]
)
def test_a_copy_is_an_independent_network(copied) -> None:
    """Its layers hold views into its own vectors. It draws the same dropout masks."""
    network = mlp([6, 5, 3], batch_norm=True, dropout=0.5, output="sigmoid_logits", seed=3)
    inputs = np.random.default_rng(0).normal(size=(4, 6))
    network.forward(inputs)
    twin = copied(network)
    assert twin.description() == network.description()
    np.testing.assert_array_equal(twin.state, network.state)
    np.testing.assert_array_equal(twin.forward(inputs), network.forward(inputs))
    twin.backward(SigmoidCrossEntropyLoss().gradient(twin.forward(inputs), np.ones((4, 3))))
    assert twin.gradients.any()
    before = network.apply(inputs)
    twin.state[:] = 0
    assert not twin.apply(inputs).any()
    np.testing.assert_array_equal(network.apply(inputs), before)


@pytest.mark.parametrize("layer", [0, 1])
def test_a_layer_of_another_network_is_refused_and_that_network_unchanged(layer: int) -> None:
    network = mlp([2, 3, 2], seed=0)
    before = network.apply([[1.0, 1.0]])
    layers = list(mlp([2, 3, 2]).description()["layers"])
    built = [Linear(2, 3), ReLU(), Linear(3, 2)]
    built[layer] = network.layers[layer]  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=f"{layers[layer]['type']} layer stands in a network"):
        Network(built)
    network.parameters[:] *= 2
    assert np.any(network.apply([[1.0, 1.0]]) != before)


@pytest.mark.parametrize("shape", [(1, 3), (4, 1), (3,), (5, 3)])
def test_backward_takes_a_gradient_of_the_shape_of_the_outputs(shape, network: Network) -> None:
    with pytest.raises(ValueError, match="there was none"):
        network.backward(np.ones((4, 3)))
    network.forward(np.ones((4, 6)))
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        network.backward(np.ones(shape))


def test_pixels_and_scaled_floats_give_the_same_outputs(network: Network) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 6) * 20
    np.testing.assert_allclose(network.apply(pixels), network.apply(pixels / 255.0), rtol=1e-5)


def test_a_relu_network_of_zeros_has_no_weight_gradient() -> None:
    network = mlp([6, 5, 3], init="zeros")
    network.forward(np.random.default_rng(0).normal(size=(4, 6)))
    network.backward(np.ones((4, 3), np.float32))
    for layer in network.layers:
        if isinstance(layer, Linear):
            assert not layer.grad_weights.any()
    assert network.gradients[-3:].all(), "only the last biases have one"


def test_hidden_layers_are_linear_batch_norm_activation_dropout() -> None:
    network = mlp([4, 6, 5, 3], batch_norm=True, dropout=0.5, input_dropout=0.2)
    hidden = ["Linear", "BatchNorm", "ReLU", "Dropout"]
    expected = ["Dropout", *hidden, *hidden, "Linear"]
    assert [type(layer).__name__ for layer in network.layers] == expected
    assert network.layer_names[:3] == ("1.Dropout", "2.Linear", "3.BatchNorm")
    assert (network.features, network.output_size) == (4, 3)
    network.backward(network.forward(np.ones((2, 4))))


@pytest.mark.parametrize("output", ["logits", "softmax"])
def test_output_scale_changes_only_the_last_weights(output) -> None:
    plain = mlp([4, 8, 3], output=output, seed=0)
    large = mlp([4, 8, 3], output=output, output_scale=20, seed=0)
    last = plain.layer_parts["3.Linear"]
    np.testing.assert_array_equal(large.parameters[: last.start], plain.parameters[: last.start])
    np.testing.assert_array_equal(large.parameters[last], np.float32(20) * plain.parameters[last])


def test_statistics_are_a_third_vector_beside_the_parameters() -> None:
    network = mlp([4, 6, 5, 3], batch_norm=True)
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    assert network.statistics.shape == (2 * (6 + 5),)
    assert network.parameters.shape == network.gradients.shape == (4 * 6 + 6 + 6 * 5 + 5 + 18 + 22,)
    for layer in norms:
        assert np.shares_memory(layer.running_mean, network.statistics)
        assert np.shares_memory(layer.scale, network.parameters)
        assert np.shares_memory(layer.running_variance, network.state)
    assert mlp([4, 6, 3]).statistics.size == 0


def test_batch_norm_and_dropout_do_not_change_the_starting_weights() -> None:
    plain, regular = mlp([4, 6, 3], seed=2), mlp([4, 6, 3], seed=2, batch_norm=True, dropout=0.5)
    linear = [
        [layer.weights for layer in network.layers if isinstance(layer, Linear)]
        for network in (plain, regular)
    ]
    for one, other in zip(*linear, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weight_decay_applies_to_weights_only() -> None:
    network = mlp([4, 6, 3], batch_norm=True)
    network.parameters[:] = network.decay_mask
    for layer in network.layers:
        if isinstance(layer, Linear):
            assert layer.weights.all()
            assert not layer.biases.any()
        elif isinstance(layer, BatchNorm):
            assert not layer.scale.any()
            assert not layer.shift.any()


def test_layout_and_byte_order_of_the_inputs_do_not_matter(network: Network) -> None:
    inputs = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    wide = np.repeat(inputs, 2, axis=1)
    expected = network.apply(inputs)
    for variant in (inputs.astype(">f4"), np.asfortranarray(inputs), wide[:, ::2], inputs.tolist()):
        np.testing.assert_array_equal(network.apply(variant), expected)
        np.testing.assert_array_equal(network.forward(variant), expected)
    pixels = np.arange(30, dtype=np.uint8).reshape(5, 6)
    np.testing.assert_array_equal(
        network.apply(np.asfortranarray(pixels)), network.apply(pixels.copy())
    )


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        *(
            (np.zeros(shape), rf"inputs of shape \(batch, 6\), got {re.escape(str(shape))}")
            for shape in ((6,), (2, 5), (0, 6), (1, 2, 6), ())
        ),
        (np.zeros((2, 6), object), "inputs must be numbers, .* object"),
        (np.ma.masked_equal(np.zeros((2, 6)), 0), "inputs must be a plain array"),
        (np.full((2, 6), 7), "inputs of dtype int64 might be pixels or numbers"),
        (np.zeros((2, 6), complex), "inputs must be numbers, .* complex128"),
        (np.zeros((2, 6), "datetime64[s]"), "inputs must be numbers, .* datetime64"),
        ("x", "inputs must be numbers, .* <U1"),
    ],
    ids=str,
)
def test_invalid_inputs_are_refused(network: Network, inputs, message: str) -> None:
    for call in (network.forward, network.apply, network.predict, network.activations):
        with pytest.raises(ValueError, match=message):
            call(inputs)


def invalid(value: Any) -> Any:
    """A value of a type that the signature forbids."""
    return value


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: mlp([784]), r"at least \[features, classes\], got \[784\]"),
        (lambda: mlp([2, 3], activation="rleu"), "unknown activation 'rleu': choose relu, "),
        (lambda: mlp([2, 3], init="he"), "unknown initialization 'he': choose zeros, "),
        (lambda: mlp([2, 3], output=invalid("argmax")), "unknown output 'argmax': choose logits, "),
        (lambda: mlp([2, 0, 3]), "fan_out must be a whole number of 1 or more, got 0"),
        (lambda: mlp([2, 3], dtype=invalid(np.int32)), "float32 or float64, got int32"),
        (lambda: mlp([2, 3], dtype=np.float16), "float32 or float64, got float16"),
        (lambda: mlp([2, 3], dtype=">f4"), "float32 or float64, got >f4"),
        (lambda: mlp([2, 3], seed=-1), "seed must be 0 or a positive number, got -1"),
        (lambda: mlp([2, 1]), "softmax over a single output is always 1"),
        (lambda: mlp([2, 1], output="softmax"), "softmax over a single output is always 1"),
        (lambda: mlp([2, 3], input_dropout=1.0), r"dropout rate must lie in \[0, 1\), got 1.0"),
        (lambda: mlp([2, 4, 3], dropout=-0.5), r"dropout rate must lie in \[0, 1\), got -0.5"),
        (lambda: Network([Dropout(0.5)]), "needs a Linear layer before"),
        (lambda: Network([BatchNorm(3), Linear(3, 2)]), "needs a Linear layer before"),
        (lambda: Network([ReLU(), Softmax()]), "needs a Linear layer before"),
        (lambda: Network([]), "needs a Linear layer before"),
        (lambda: Network([same := Linear(2, 2), same]), "this Linear layer stands in a network"),
        (lambda: Network([Linear(2, 3), Linear(4, 5)]), "Linear takes 4 features, and was given 3"),
        (
            lambda: Network([Linear(2, 3), BatchNorm(4)]),
            "BatchNorm takes 4 features, and was given 3",
        ),
    ],
)
def test_an_invalid_network_is_refused(build: Callable[[], Network], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
