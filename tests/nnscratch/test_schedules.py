"""Schedules: known rates at known steps."""

import math

import pytest

from nnscratch import schedules


def test_constant_is_constant() -> None:
    assert {schedules.constant(0.3)(step) for step in (1, 2, 10**6)} == {0.3}


def test_step_decay_is_a_staircase() -> None:
    rate = schedules.step_decay(1.0, every=3, factor=0.5)
    assert [rate(step) for step in range(1, 8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_cosine_falls_from_the_base_rate_to_0() -> None:
    rate = schedules.cosine(2.0, steps=10)
    assert rate(1) == 2
    assert rate(6) == pytest.approx(1)
    assert [rate(step) for step in range(1, 11)] == pytest.approx(
        [1 + math.cos(math.pi * k / 10) for k in range(10)]
    )
    assert rate(11) == rate(1000) == 0


def test_cosine_warms_up_in_a_straight_line() -> None:
    rate = schedules.cosine(1.0, steps=100, warmup=0.1, final=0.2)
    assert [rate(step) for step in range(1, 12)] == pytest.approx(
        [k / 10 for k in range(1, 11)] + [1]
    )
    assert rate(56) == pytest.approx(0.6)
    assert rate(101) == pytest.approx(0.2)


def test_one_cycle_goes_up_and_comes_down() -> None:
    rate = schedules.one_cycle(1.0, steps=100)
    rates = [rate(step) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.04)
    assert max(rates) == pytest.approx(1)
    assert rates.index(max(rates)) == 29  # 30 % of the steps
    assert rates[-1] == pytest.approx(4e-6)
    assert rates[:30] == sorted(rates[:30])
    assert rates[29:] == sorted(rates[29:], reverse=True)
    assert rate(1000) == rates[-1]


@pytest.mark.parametrize("warmup", [0, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_short_trainings_have_valid_rates(steps: int, warmup: float) -> None:
    """During and after the training. If no step is left for the warm-up, step 1 has the peak."""
    for build in (schedules.cosine, schedules.one_cycle):
        rate = build(0.1, steps=steps, warmup=warmup)
        assert all(0 < rate(step) < 0.1001 for step in range(1, steps + 1))
        assert 0 <= rate(steps + 1) < 1e-6
    if warmup * steps <= 1:
        assert schedules.one_cycle(0.1, steps=steps, warmup=warmup)(1) == 0.1


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: schedules.constant(0), "learning_rate"),
        (lambda: schedules.step_decay(-1, every=1), "learning_rate"),
        (lambda: schedules.step_decay(0.1, every=0), "every"),
        (lambda: schedules.step_decay(0.1, every=2, factor=0), "factor"),
        (lambda: schedules.cosine(float("nan"), steps=3), "learning_rate"),
        (lambda: schedules.cosine(0.1, steps=0), "steps"),
        (lambda: schedules.cosine(0.1, steps=3, warmup=1), "warmup"),
        (lambda: schedules.cosine(0.1, steps=3, final=-0.1), "final"),
        (lambda: schedules.one_cycle(0.1, steps=3, warmup=1.5), "warmup"),
        (lambda: schedules.one_cycle(0.1, steps=3, start=2), "start"),
    ],
)
def test_an_invalid_setting_is_named(build, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        build()
