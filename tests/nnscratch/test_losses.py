"""Losses: known values, the pairing with softmax, and extreme outputs."""

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

import nnscratch
from nnscratch import (
    CrossEntropyLoss,
    Loss,
    MSELoss,
    SigmoidCrossEntropyLoss,
    Softmax,
    SoftmaxCrossEntropyLoss,
    one_hot,
)

LOSSES = [
    kind()
    for kind in vars(nnscratch).values()
    if isinstance(kind, type) and issubclass(kind, Loss) and kind is not Loss
]


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits (20, 5), labels (20,), one-hot targets (20, 5)."""
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.arange(20) % 5)
    return rng.normal(size=(20, 5)), labels, one_hot(labels, 5, np.float64)


def test_softmax_cross_entropy_agrees_with_scikit_learn(batch) -> None:
    logits, labels, targets = batch
    expected = log_loss(labels, Softmax().apply(logits))
    assert SoftmaxCrossEntropyLoss().value(logits, targets) == pytest.approx(expected, rel=1e-12)
    assert CrossEntropyLoss().value(Softmax().apply(logits), targets) == pytest.approx(expected)


def test_sigmoid_cross_entropy_agrees_with_scikit_learn() -> None:
    z = np.random.default_rng(2).normal(size=(30, 1))
    labels = np.arange(30) % 2
    expected = log_loss(labels, 1 / (1 + np.exp(-z[:, 0])))
    value = SigmoidCrossEntropyLoss().value(z, labels[:, None].astype(float))
    assert value == pytest.approx(expected, rel=1e-12)


def test_mse_is_the_mean_over_batch_and_outputs(batch) -> None:
    outputs, _, targets = batch
    expected = mean_squared_error(targets, outputs)
    assert MSELoss().value(outputs, targets) == pytest.approx(expected, rel=1e-12)


def test_both_routes_through_softmax_give_p_minus_t(batch) -> None:
    """The pairing: Jacobian of softmax times gradient of cross-entropy is (p − t) / batch."""
    logits, _, targets = batch
    paired = SoftmaxCrossEntropyLoss().gradient(logits, targets)
    softmax = Softmax()
    unpaired = softmax.backward(CrossEntropyLoss().gradient(softmax.forward(logits), targets))
    np.testing.assert_allclose(paired, unpaired, atol=1e-15)
    np.testing.assert_allclose(paired, (Softmax().apply(logits) - targets) / 20, atol=1e-15)


def test_only_the_pairing_has_a_gradient_where_the_network_is_confidently_wrong() -> None:
    """In float32 p underflows to 0. The unpaired loss clips p, and its gradient vanishes."""
    logits = np.array([[200.0, 0.0]], np.float32)
    targets = one_hot(np.array([1]), 2)
    paired = SoftmaxCrossEntropyLoss()
    assert paired.value(logits, targets) == pytest.approx(200)
    np.testing.assert_allclose(paired.gradient(logits, targets), [[1, -1]])

    softmax = Softmax()
    probabilities = softmax.forward(logits)
    unpaired = CrossEntropyLoss(epsilon=1e-7)
    assert unpaired.value(probabilities, targets) == pytest.approx(-np.log(1e-7), rel=1e-4)
    assert np.all(softmax.backward(unpaired.gradient(probabilities, targets)) == 0)


def test_sigmoid_cross_entropy_overflows_on_neither_tail() -> None:
    z = np.array([[-1e4, 1e4]], np.float32)
    loss = SigmoidCrossEntropyLoss()
    assert loss.value(z, np.array([[0, 1]], np.float32)) == 0
    assert loss.value(z, np.array([[1, 0]], np.float32)) == pytest.approx(2e4)


@pytest.mark.parametrize("z", [-80.0, -20.0, -3.0, 3.0, 10.0, 80.0])
def test_sigmoid_cross_entropy_keeps_its_digits_on_both_tails(z: float) -> None:
    """A confident correct output has a loss and gradient of about e^−|z|."""
    outputs = np.array([[z]], np.float32)
    right = np.array([[z > 0]], np.float32)
    value, gradient = SigmoidCrossEntropyLoss().value_and_gradient(outputs, right)
    assert value == pytest.approx(math.log1p(math.exp(-abs(z))), rel=1e-6)
    if z < 0:
        expected = math.exp(z) / (1 + math.exp(z))
        np.testing.assert_allclose(gradient, [[expected]], rtol=1e-6)


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropyLoss(), CrossEntropyLoss()])
def test_a_single_output_is_refused_where_classes_compete(loss) -> None:
    """The softmax of a single output is always 1, so the loss would always be 0."""
    with pytest.raises(ValueError, match="SigmoidCrossEntropyLoss"):
        loss.value(np.full((3, 1), 0.5), np.ones((3, 1)))


@pytest.mark.parametrize("loss", LOSSES)
def test_class_indices_are_no_targets(loss) -> None:
    """(batch,) and (batch, classes) would broadcast to a wrong result."""
    with pytest.raises(ValueError, match="one_hot"):
        loss.value(np.zeros((3, 3)), np.array([0, 1, 2]))


def test_cross_entropy_clips_probabilities_on_both_sides() -> None:
    loss, probabilities = CrossEntropyLoss(epsilon=0.1), np.array([[0.0, 1.0]])
    assert loss.value(probabilities, np.array([[1, 0]])) == pytest.approx(-math.log(0.1))
    assert loss.value(probabilities, np.array([[0, 1]])) == pytest.approx(-math.log(0.9))


@pytest.mark.parametrize("epsilon", [0, -1e-7, 0.5])
def test_epsilon_out_of_range_is_refused(epsilon: float) -> None:
    with pytest.raises(ValueError, match="epsilon"):
        CrossEntropyLoss(epsilon=epsilon)


def test_label_smoothing_is_cross_entropy_with_softer_targets(batch) -> None:
    logits, _, targets = batch
    smooth, plain = SoftmaxCrossEntropyLoss(label_smoothing=0.1), SoftmaxCrossEntropyLoss()
    softer = 0.9 * targets + 0.1 / 5
    assert smooth.value(logits, targets) == pytest.approx(plain.value(logits, softer), rel=1e-12)
    np.testing.assert_allclose(smooth.gradient(logits, targets), plain.gradient(logits, softer))


def test_label_smoothing_has_its_minimum_at_finite_logits() -> None:
    """The gradient vanishes where p is the smoothed target."""
    smooth = SoftmaxCrossEntropyLoss(label_smoothing=0.3)
    optimum = np.log(np.array([[0.8, 0.1, 0.1]]))
    np.testing.assert_allclose(smooth.gradient(optimum, np.array([[1, 0, 0]])), 0, atol=1e-15)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_label_smoothing_out_of_range_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match="label_smoothing"):
        SoftmaxCrossEntropyLoss(label_smoothing=smoothing)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        (np.zeros((3, 4)), np.zeros((3, 1)), r"\(3, 4\) and targets \(3, 1\) must have one shape"),
        (np.zeros((3, 4)), np.zeros((1, 4)), r"\(3, 4\) and targets \(1, 4\) must have one shape"),
        (np.zeros((0, 4)), np.zeros((0, 4)), "must have one shape"),
        (np.zeros(4), np.zeros(4), "must have one shape"),
        (np.zeros((2, 3, 4)), np.zeros((2, 3, 4)), "must have one shape"),
        (np.zeros((3, 4), object), np.zeros((3, 4)), "outputs must be floats .* object and float"),
        (np.zeros((3, 4)), np.zeros((3, 4), object), "targets numbers, got float64 and object"),
        (np.zeros((3, 4), int), np.zeros((3, 4)), "outputs must be floats .* int64"),
        (np.zeros((3, 4)), np.full((3, 4), "a"), "targets numbers, got float64 and <U1"),
        (
            np.ma.masked_equal(np.zeros((3, 4)), 0),
            np.zeros((3, 4)),
            "outputs must be a plain array",
        ),
        (
            np.zeros((3, 4)),
            np.ma.masked_equal(np.zeros((3, 4)), 0),
            "targets must be a plain array",
        ),
        ([[1, 2]], [[0, 1]], "outputs must be floats .* int64"),
    ],
)
def test_invalid_outputs_and_targets_are_refused(loss, outputs, targets, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        loss.value_and_gradient(outputs, targets)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("targets_dtype", [np.int64, np.uint8, np.bool_, ">f8"])
def test_layout_and_type_of_the_targets_do_not_matter(loss, targets_dtype) -> None:
    rng = np.random.default_rng(0)
    outputs, targets = rng.uniform(0.1, 0.9, (6, 3)), one_hot(np.arange(6) % 3, 3, np.float64)
    value, gradient = loss.value_and_gradient(outputs, targets)
    other = np.asfortranarray(targets.astype(targets_dtype))
    np.testing.assert_allclose(loss.value(np.asfortranarray(outputs), other), value, rtol=1e-12)
    np.testing.assert_allclose(loss.gradient(outputs.astype(">f8"), other), gradient, rtol=1e-12)
