"""Optimizers: the published update rules, step by step, and convergence."""

import numpy as np
import pytest

from nnscratch import SGD, Adam


def test_sgd_is_one_line() -> None:
    parameters = np.array([1.0, -2.0])
    SGD(learning_rate=0.1).step(parameters, np.array([10.0, 5.0]))
    np.testing.assert_allclose(parameters, [0.0, -2.5])


def test_adam_follows_algorithm_1_of_the_paper() -> None:
    """The paper's loop, written out with m, v and both corrections, over 50 steps."""
    rng = np.random.default_rng(0)
    ours = rng.normal(size=7)
    theirs, m, v = ours.copy(), np.zeros(7), np.zeros(7)
    optimizer = Adam(learning_rate=0.01, beta1=0.8, beta2=0.99, epsilon=1e-6)
    for t in range(1, 51):
        gradient = rng.normal(size=7) * 10.0 ** np.arange(-3, 4)
        optimizer.step(ours, gradient)
        m = 0.8 * m + 0.2 * gradient
        v = 0.99 * v + 0.01 * gradient**2
        theirs -= 0.01 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-6)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_the_first_step_of_adam_has_the_length_of_the_learning_rate() -> None:
    parameters = np.zeros(3)
    Adam(learning_rate=0.01).step(parameters, np.array([1e-3, 1.0, -1e3]))
    np.testing.assert_allclose(parameters, [-0.01, -0.01, 0.01], rtol=1e-4)


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.05), Adam(learning_rate=0.05)])
def test_both_find_the_minimum_of_a_parabola(optimizer) -> None:
    scales = np.array([1.0, 10.0])
    parameters = np.array([3.0, -2.0])
    for _ in range(1500):
        optimizer.step(parameters, scales * parameters)
    assert np.max(np.abs(parameters)) < 1e-3


def test_a_schedule_sets_the_rate_of_each_step() -> None:
    optimizer = SGD(learning_rate=lambda step: 1 / step)
    parameters = np.zeros(1)
    for _ in range(3):
        optimizer.step(parameters, np.ones(1))
    np.testing.assert_allclose(parameters, -(1 + 1 / 2 + 1 / 3))
    assert optimizer.learning_rate == pytest.approx(1 / 3)


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.1), Adam()])
def test_gradients_are_left_alone_and_parameters_stay_in_place(optimizer) -> None:
    parameters, gradients = np.ones(4, np.float32), np.full(4, 0.5, np.float32)
    address = parameters.ctypes.data
    optimizer.step(parameters, gradients)
    np.testing.assert_array_equal(gradients, 0.5)
    assert parameters.ctypes.data == address
    assert parameters.dtype == np.float32


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_is_not_positive_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        SGD(learning_rate=rate)


@pytest.mark.parametrize("setting", [{"beta1": 1.0}, {"beta2": -0.1}, {"epsilon": 0.0}])
def test_adam_names_the_setting_it_refuses(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        Adam(**setting)
