"""Initializers: the published variances, and their names in a config."""

import numpy as np
import pytest

from nnscratch.layers import ACTIVATIONS
from nnscratch.layers.initializers import GAINS, INITIALIZERS, initializer

FAN_IN, FAN_OUT = 400, 300


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("zeros", 0.0),
        ("constant:0.3", 0.0),
        ("uniform", 1 / 12),  # U(−0.5, 0.5)
        ("uniform:0.2", 0.4**2 / 12),
        ("normal", 0.01**2),
        ("normal:1", 1.0),
        ("xavier_uniform", 2 / (FAN_IN + FAN_OUT)),
        ("xavier_normal", 2 / (FAN_IN + FAN_OUT)),
        ("xavier_uniform:relu", 4 / (FAN_IN + FAN_OUT)),
        ("xavier_normal:tanh", 25 / 9 * 2 / (FAN_IN + FAN_OUT)),
        ("xavier_normal:0.5", 0.5 / (FAN_IN + FAN_OUT)),
        ("he_uniform", 2 / FAN_IN),
        ("he_normal", 2 / FAN_IN),
    ],
)
def test_variance_is_the_published_one(name: str, variance: float) -> None:
    weights = initializer(name)(np.random.default_rng(0), (FAN_IN, FAN_OUT))
    assert weights.shape == (FAN_IN, FAN_OUT)
    assert weights.var() == pytest.approx(variance, rel=0.02, abs=1e-12)
    assert weights.mean() == pytest.approx(0.3 if "constant" in name else 0, abs=0.01)


@pytest.mark.parametrize(("name", "bound"), [("uniform", 0.5), ("he_uniform", np.sqrt(6 / 400))])
def test_uniform_weights_stay_within_the_bound(name: str, bound: float) -> None:
    weights = initializer(name)(np.random.default_rng(0), (FAN_IN, FAN_OUT))
    assert 0.99 * bound < np.abs(weights).max() <= bound


def test_he_weights_keep_the_signal_of_a_deep_relu_network() -> None:
    """He et al.: E[h²] neither vanishes nor explodes over 20 layers."""
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(200, 256))
    power = np.mean(hidden**2)
    for _ in range(20):
        hidden = np.maximum(hidden @ initializer("he_normal")(rng, (256, 256)), 0)
    # ReLU halves E[z²], the weights double it again: E[h²] stays at half of E[z²].
    assert 0.2 * power < np.mean(hidden**2) * 2 < 5 * power


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (1, 5), (5, 1)])
@pytest.mark.parametrize(("name", "gain"), [("orthogonal", 1), ("orthogonal:relu", 2**0.5)])
def test_orthogonal_keeps_lengths_and_angles(shape: tuple[int, int], name, gain: float) -> None:
    q = initializer(name)(np.random.default_rng(0), shape) / gain
    assert q.shape == shape
    product = q.T @ q if shape[0] >= shape[1] else q @ q.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-12)


def test_orthogonal_is_uniform_over_the_rotations_and_reflections() -> None:
    """Without the signs of R's diagonal, the first entry of a 2×2 Q would never be positive."""
    rng = np.random.default_rng(0)
    corners = [initializer("orthogonal")(rng, (2, 2))[0, 0] for _ in range(2000)]
    angles = np.arccos(corners) / np.pi
    np.testing.assert_allclose(np.quantile(angles, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.04)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_a_gain_restores_the_power_that_the_activation_removes(activation: str) -> None:
    z = np.random.default_rng(0).normal(size=(1, 10**6))
    power = np.mean(ACTIVATIONS[activation]().apply(z) ** 2)
    assert GAINS[activation] == pytest.approx(1 / np.sqrt(power), rel=0.003)


def test_every_activation_has_a_gain() -> None:
    assert set(GAINS) == {*ACTIVATIONS, "linear"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        *((name, f"unknown initialization '{name}'") for name in ("he", "Zeros")),
        *((name, f"takes no scale, got '{name}'") for name in ("he_normal:relu", "zeros:1")),
        *(
            (name, f"the scale in '{name}' must be 0 or a positive number")
            for name in (
                "xavier_normal:rleu",
                "normal:relu",
                "normal:",
                "normal:x",
                "normal:-1",
                "orthogonal:-1",
                "uniform:nan",
            )
        ),
        ("constant:x", "the scale in 'constant:x' must be a number"),
    ],
)
def test_an_invalid_name_or_scale_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        initializer(name)


def test_the_generator_decides_the_weights() -> None:
    for name in INITIALIZERS:
        first, second = (initializer(name)(np.random.default_rng(3), (4, 5)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
