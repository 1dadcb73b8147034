"""Learning rate schedules: plain callables ``step -> learning rate``, steps counted from 1."""

import math
from collections.abc import Callable
from typing import TypeAlias

Schedule: TypeAlias = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """The same rate for ever. Raises ``ValueError`` unless it is positive and finite."""
    _check_rate(learning_rate)
    return lambda step: learning_rate


def step_decay(learning_rate: float, *, every: int, factor: float = 0.1) -> Schedule:
    """η · factorᵏ after k times ``every`` steps: a staircase down."""
    _check_rate(learning_rate)
    if every < 1 or not 0 < factor <= 1:
        raise ValueError(f"need every ≥ 1 and 0 < factor ≤ 1, got {every} and {factor}")
    return lambda step: learning_rate * factor ** ((step - 1) // every)


def cosine(
    learning_rate: float, *, steps: int, warmup: float = 0.0, final: float = 0.0
) -> Schedule:
    """Straight up to η, then half a cosine wave down (Loshchilov & Hutter 2017).

    ``warmup`` is the share of all ``steps`` spent on the way up, from η / (warm-up
    steps), of which the last at least belongs to the wave; ``final`` is the share of η that
    the wave tends to, and stays at.
    """
    _check_rate(learning_rate)
    _check_shares(steps, warmup=warmup, final=final)
    rising = min(round(warmup * steps), steps - 1)

    def schedule(step: int) -> float:
        if step <= rising:
            return learning_rate * step / rising
        progress = (step - 1 - rising) / (steps - rising)
        return _wave(learning_rate, final * learning_rate, progress)

    return schedule


def one_cycle(
    learning_rate: float,
    *,
    steps: int,
    warmup: float = 0.3,
    start: float = 0.04,
    final: float = 4e-6,
) -> Schedule:
    """Half a wave up to η, half a wave down to nearly nothing (Smith & Topin 2018).

    ``warmup`` is the share of all ``steps`` on the way up; ``start`` and ``final`` are
    the first and the last rate, as shares of η. The high rate in the middle explores,
    the long way down settles. With less than a step to go up in, η is the first rate.
    """
    _check_rate(learning_rate)
    _check_shares(steps, warmup=warmup, start=start, final=final)
    # Counted from 0, like PyTorch's; a single step is all peak.
    peak, last = max(warmup * steps - 1, 0), max(steps - 1, 1)

    def schedule(step: int) -> float:
        if step - 1 < peak:
            return _wave(start * learning_rate, learning_rate, (step - 1) / peak)
        return _wave(learning_rate, final * learning_rate, (step - 1 - peak) / (last - peak))

    return schedule


def _wave(first: float, last: float, progress: float) -> float:
    """From ``first`` at progress 0 to ``last`` at 1 (and beyond), along half a cosine wave."""
    return last + (first - last) * (1 + math.cos(math.pi * min(progress, 1))) / 2


def _check_rate(learning_rate: float) -> None:
    if not 0 < learning_rate < float("inf"):
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")


def _check_shares(steps: int, **shares: float) -> None:
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, got {steps}")
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"{name} is a share and must lie in [0, 1), got {share}")
