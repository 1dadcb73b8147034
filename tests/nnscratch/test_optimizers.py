"""Optimizers: the published update rules, step by step, and convergence."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

import nnscratch
from nnscratch import SGD, Adam, AdamW, Optimizer, RMSProp, mlp, schedules

EVERY: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": partial(SGD, momentum=0.9),
    "nesterov": partial(SGD, momentum=0.9, nesterov=True),
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": partial(AdamW, weight_decay=1e-4),
}
every_optimizer = pytest.mark.parametrize("build", EVERY.values(), ids=EVERY)


def test_every_optimizer_of_the_package_is_tested() -> None:
    exported = {kind for kind in vars(nnscratch).values() if isinstance(kind, type)}
    optimizers = {kind for kind in exported if issubclass(kind, Optimizer)} - {Optimizer}
    assert {type(build()) for build in EVERY.values()} == optimizers


def test_sgd_subtracts_the_gradient_times_the_rate() -> None:
    parameters = np.array([1.0, -2.0])
    SGD(learning_rate=0.1).step(parameters, np.array([10.0, 5.0]))
    np.testing.assert_allclose(parameters, [0.0, -2.5])


def test_adam_follows_algorithm_1_of_the_paper() -> None:
    """50 steps of the paper's loop, with m, v and both bias corrections."""
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


def assert_follows(optimizer: Optimizer, update, steps: int = 30) -> None:
    """Compares an optimizer with an update rule (θ, g, step) -> θ on gradients of many scales."""
    rng = np.random.default_rng(1)
    ours = rng.normal(size=7)
    theirs = ours.copy()
    for step in range(1, steps + 1):
        gradient = rng.normal(size=7) * 10.0 ** np.arange(-3, 4)
        optimizer.step(ours, gradient)
        theirs = update(theirs, gradient, step)
        np.testing.assert_allclose(ours, theirs, rtol=1e-11)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_sums_past_gradients(nesterov: bool) -> None:
    v = np.zeros(7)

    def update(parameters, gradient, step):
        v[:] = 0.9 * v + gradient
        return parameters - 0.01 * (gradient + 0.9 * v if nesterov else v)

    assert_follows(SGD(learning_rate=0.01, momentum=0.9, nesterov=nesterov), update)


def test_plain_sgd_remembers_nothing() -> None:
    optimizer = SGD(learning_rate=0.1)
    optimizer.step(np.ones(3), np.ones(3))
    assert optimizer.moments == {}


def test_rmsprop_divides_by_the_root_of_the_mean_square() -> None:
    v = np.zeros(7)

    def update(parameters, gradient, step):
        v[:] = 0.8 * v + 0.2 * gradient**2
        return parameters - 0.01 * gradient / (np.sqrt(v) + 1e-6)

    assert_follows(RMSProp(learning_rate=0.01, decay=0.8, epsilon=1e-6), update)


def test_adamw_decays_outside_the_gradient_and_only_where_the_mask_is_true() -> None:
    mask = np.array([True, True, False, True, False, False, True])
    adam = Adam(learning_rate=0.02)

    def update(parameters, gradient, step):
        decayed = parameters * np.where(mask, 1 - 0.02 * 0.3, 1)
        adam.step(decayed, gradient)
        return decayed

    assert_follows(AdamW(learning_rate=0.02, weight_decay=0.3, decay_mask=mask), update)


def test_adamw_without_decay_is_adam_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=5), rng.normal(size=(20, 5))
    results = []
    for optimizer in (Adam(), AdamW(weight_decay=0.0)):
        parameters = start.copy()
        for gradient in gradients:
            optimizer.step(parameters, gradient)
        results.append(parameters)
    np.testing.assert_array_equal(*results)


def test_adamw_shrinks_weights_and_neither_biases_nor_batch_norm() -> None:
    network = mlp([4, 6, 3], batch_norm=True, bias_init="constant:1", seed=0)
    before = network.parameters.copy()
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5, decay_mask=network.decay_mask)
    optimizer.step(network.parameters, np.zeros_like(network.gradients))
    factor = np.where(network.decay_mask, 0.95, 1)
    np.testing.assert_allclose(network.parameters, before * factor, rtol=1e-6)


def minimum(
    optimizer: Optimizer, gradient: Callable[[np.ndarray], np.ndarray], start: tuple[float, float]
) -> np.ndarray:
    """Where ``optimizer`` is after ``STEPS`` steps."""
    parameters = np.array(start)
    for _ in range(STEPS):
        optimizer.step(parameters, gradient(parameters))
    return parameters


STEPS = 12_000
# The first learning rate: for the parabola, for Rosenbrock's valley.
RATES = {
    "sgd": (0.05, 2e-3),
    "momentum": (0.01, 1e-3),
    "nesterov": (0.01, 1e-3),
    "rmsprop": (0.01, 0.02),
    "adam": (0.05, 0.1),
    "adamw": (0.05, 0.1),
}


@pytest.mark.parametrize("name", EVERY)
def test_every_optimizer_finds_the_minimum_of_a_parabola(name: str) -> None:
    """L = (x² + 10 y²) / 2."""
    rate, _ = RATES[name]
    optimizer = EVERY[name](learning_rate=schedules.cosine(rate, steps=STEPS))
    found = minimum(optimizer, lambda theta: np.array([1, 10]) * theta, (3.0, -2.0))
    np.testing.assert_allclose(found, 0, atol=1e-4)


def rosenbrock_gradient(theta: np.ndarray) -> np.ndarray:
    x, y = theta
    return np.array([2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)])


@pytest.mark.parametrize("name", EVERY)
def test_every_optimizer_follows_the_valley_of_rosenbrock(name: str) -> None:
    """L = (1 − x)² + 100 (y − x²)²: a curved valley with a flat floor. The minimum is (1, 1)."""
    _, rate = RATES[name]
    optimizer = EVERY[name](learning_rate=schedules.cosine(rate, steps=STEPS))
    found = minimum(optimizer, rosenbrock_gradient, (-1.2, 1.0))
    np.testing.assert_allclose(found, 1, atol=0.02)


@every_optimizer
def test_an_optimizer_continues_where_another_stopped(build) -> None:
    """Bit for bit, in the dtype of the parameters."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(10, 5)).astype(np.float32)
    whole, stopped = np.ones(5, np.float32), np.ones(5, np.float32)
    one, first, second = build(), build(), build()
    for gradient in gradients:
        one.step(whole, gradient)
    for gradient in gradients[:4]:
        first.step(stopped, gradient)
    second.restore(first.t, {n: m.copy() for n, m in first.moments.items()}, stopped)
    for gradient in gradients[4:]:
        second.step(stopped, gradient)
    np.testing.assert_array_equal(stopped, whole)


@every_optimizer
def test_vectors_of_other_shapes_are_refused(build) -> None:
    """(4,) against (1,) would broadcast."""
    optimizer: Optimizer = build()
    with pytest.raises(ValueError, match="shape"):
        optimizer.step(np.ones(4), np.ones(1))
    optimizer = build()
    optimizer.step(np.ones(4), np.ones(4))
    with pytest.raises(ValueError, match="shape"):
        optimizer.step(np.ones(1), np.ones(1))


def test_begin_sets_the_mask_that_is_missing_and_resets_no_moments() -> None:
    mask, parameters = np.array([True, False]), np.ones(2)
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
    optimizer.begin(parameters, mask)
    optimizer.step(parameters, np.zeros(2))
    np.testing.assert_allclose(parameters, [0.95, 1])
    optimizer.step(parameters, np.ones(2))
    before = optimizer.moments["first"].copy()
    optimizer.begin(parameters, ~mask)
    np.testing.assert_array_equal(optimizer.moments["first"], before)
    assert optimizer.t == 2
    assert optimizer.decay_mask is mask


def test_moments_of_another_optimizer_or_network_are_refused() -> None:
    for moments in ({}, {"first": np.ones(3), "second": np.ones(4)}):
        with pytest.raises(ValueError, match="moment"):
            Adam().restore(3, moments, np.ones(4))
    with pytest.raises(ValueError, match="decay_mask"):
        AdamW(decay_mask=np.ones(3, bool)).step(np.ones(4), np.ones(4))


def test_a_schedule_sets_the_rate_of_each_step() -> None:
    optimizer = SGD(learning_rate=lambda step: 1 / step)
    assert optimizer.learning_rate == 1, "the rate of the first step, before it"
    parameters = np.zeros(1)
    for _ in range(3):
        optimizer.step(parameters, np.ones(1))
    np.testing.assert_allclose(parameters, -(1 + 1 / 2 + 1 / 3))
    assert optimizer.learning_rate == pytest.approx(1 / 3)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
def test_an_invalid_rate_of_a_schedule_is_refused_at_its_step(rate: float) -> None:
    optimizer, parameters = SGD(learning_rate=lambda step: 0.1 if step < 2 else rate), np.ones(1)
    optimizer.step(parameters, np.ones(1))
    with pytest.raises(ValueError, match=f"learning rate {rate} for step 2"):
        optimizer.step(parameters, np.ones(1))
    np.testing.assert_allclose(parameters, 0.9)


@every_optimizer
def test_a_step_changes_no_gradient_and_writes_the_parameters_in_place(build) -> None:
    optimizer = build()
    parameters, gradients = np.ones(4, np.float32), np.full(4, 0.5, np.float32)
    address = parameters.ctypes.data
    optimizer.step(parameters, gradients)
    np.testing.assert_array_equal(gradients, 0.5)
    assert parameters.ctypes.data == address
    assert parameters.dtype == np.float32


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_an_invalid_learning_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        SGD(learning_rate=rate)


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (Adam, {"beta1": 1.0}),
        (Adam, {"beta2": -0.1}),
        (Adam, {"epsilon": 0.0}),
        (AdamW, {"beta1": 1.0}),
        (AdamW, {"weight_decay": -0.1}),
        (AdamW, {"weight_decay": float("inf")}),
        (RMSProp, {"decay": 1.0}),
        (RMSProp, {"epsilon": float("nan")}),
        (SGD, {"momentum": 1.0}),
        (SGD, {"momentum": -0.5}),
        (SGD, {"nesterov": True}),
    ],
)
def test_an_invalid_setting_is_named(kind, setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        kind(**setting)
