"""Initializers: the moments they promise, and the names a config may give them."""

import numpy as np
import pytest

from nnscratch.initializers import INITIALIZERS, initializer

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
def test_uniform_stays_within_its_bound(name: str, bound: float) -> None:
    weights = initializer(name)(np.random.default_rng(0), (FAN_IN, FAN_OUT))
    assert 0.99 * bound < np.abs(weights).max() <= bound


def test_he_keeps_the_signal_of_a_deep_relu_network() -> None:
    """The argument of He et al.: E[h²] neither dies nor explodes over 20 layers."""
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(200, 256))
    power = np.mean(hidden**2)
    for _ in range(20):
        hidden = np.maximum(hidden @ initializer("he_normal")(rng, (256, 256)), 0)
    # ReLU halves E[z²], the weights double it again: E[h²] stays at half of E[z²].
    assert 0.2 * power < np.mean(hidden**2) * 2 < 5 * power


@pytest.mark.parametrize(
    "name", ["he", "Zeros", "normal:", "normal:x", "normal:-1", "zeros:1", "uniform:nan"]
)
def test_unknown_names_and_scales_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=name.partition(":")[0]):
        initializer(name)


def test_equal_generators_draw_equal_weights() -> None:
    for name in INITIALIZERS:
        first, second = (initializer(name)(np.random.default_rng(3), (4, 5)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
