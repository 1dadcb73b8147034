"""Losses: known values, the pairing, and what happens far out."""

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from nnscratch import (
    CrossEntropyLoss,
    MSELoss,
    SigmoidCrossEntropyLoss,
    Softmax,
    SoftmaxCrossEntropyLoss,
    one_hot,
)


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


def test_only_the_pairing_survives_a_confidently_wrong_network() -> None:
    """In float32 p underflows to 0: the unpaired route clips, and its gradient is gone."""
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
    """Also where it is right and confident: loss and gradient are about e^−|z|."""
    outputs = np.array([[z]], np.float32)
    right = np.array([[z > 0]], np.float32)
    value, gradient = SigmoidCrossEntropyLoss().value_and_gradient(outputs, right)
    assert value == pytest.approx(math.log1p(math.exp(-abs(z))), rel=1e-6)
    if z < 0:
        expected = math.exp(z) / (1 + math.exp(z))
        np.testing.assert_allclose(gradient, [[expected]], rtol=1e-6)


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropyLoss(), CrossEntropyLoss()])
def test_a_single_output_is_no_choice_between_classes(loss) -> None:
    """Its softmax is always 1: the loss would be 0 whatever it says."""
    with pytest.raises(ValueError, match="SigmoidCrossEntropyLoss"):
        loss.value(np.full((3, 1), 0.5), np.ones((3, 1)))


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropyLoss(), CrossEntropyLoss(), MSELoss()])
def test_class_indices_in_place_of_targets_are_refused(loss) -> None:
    """(batch,) against (batch, classes) would broadcast to nonsense."""
    with pytest.raises(ValueError, match="one_hot"):
        loss.value(np.zeros((3, 3)), np.array([0, 1, 2]))


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


def test_label_smoothing_draws_logits_to_a_finite_distance() -> None:
    """Its gradient vanishes where p is the softened target, not at infinity."""
    smooth = SoftmaxCrossEntropyLoss(label_smoothing=0.3)
    optimum = np.log(np.array([[0.8, 0.1, 0.1]]))
    np.testing.assert_allclose(smooth.gradient(optimum, np.array([[1, 0, 0]])), 0, atol=1e-15)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_label_smoothing_out_of_range_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match="label_smoothing"):
        SoftmaxCrossEntropyLoss(label_smoothing=smoothing)


LOSSES = [SoftmaxCrossEntropyLoss(), SigmoidCrossEntropyLoss(), CrossEntropyLoss(), MSELoss()]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        (np.zeros((3, 4)), np.zeros((3, 1))),
        (np.zeros((3, 4)), np.zeros((1, 4))),
        (np.zeros((0, 4)), np.zeros((0, 4))),
        (np.zeros(4), np.zeros(4)),
        (np.zeros((2, 3, 4)), np.zeros((2, 3, 4))),
        (np.zeros((3, 4), object), np.zeros((3, 4))),
        (np.zeros((3, 4)), np.zeros((3, 4), object)),
        (np.zeros((3, 4), int), np.zeros((3, 4))),
        (np.zeros((3, 4)), np.full((3, 4), "a")),
        (np.ma.masked_equal(np.zeros((3, 4)), 0), np.zeros((3, 4))),
        ([[1, 2]], [[0, 1]]),
    ],
)
def test_what_is_no_pair_of_outputs_and_targets_is_refused(loss, outputs, targets) -> None:
    with pytest.raises(ValueError, match="outputs"):
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
