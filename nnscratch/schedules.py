"""Learning rate schedules: plain callables ``step -> learning rate``, steps counted from 1."""

import math
from collections.abc import Callable
from typing import TypeAlias

from nnscratch.checks import check_count, check_fraction, check_positive, check_share

Schedule: TypeAlias = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """The same rate at every step."""
    check_positive("learning_rate", learning_rate)
    return lambda step: learning_rate


def step_decay(learning_rate: float, *, every: int, factor: float = 0.1) -> Schedule:
    """η · factorᵏ after k times ``every`` steps."""
    check_positive("learning_rate", learning_rate)
    check_count("every", every)
    check_share("factor", factor)
    return lambda step: learning_rate * factor ** ((step - 1) // every)


def cosine(
    learning_rate: float, *, steps: int, warmup: float = 0.0, final: float = 0.0
) -> Schedule:
    """A linear rise to η, then half a cosine wave down (Loshchilov & Hutter 2017).

    ``warmup`` is the share of all ``steps`` spent on the rise, which begins at η / (warm-up
    steps); at least the last step belongs to the wave. ``final`` is the share of η where the
    wave ends; later steps keep that rate.
    """
    _check_shares(learning_rate, steps, warmup=warmup, final=final)
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
    """Half a cosine wave up to η, then half a wave down to almost 0 (Smith & Topin 2018).

    ``warmup`` is the share of all ``steps`` on the way up; ``start`` and ``final`` are
    the first and the last rate, as shares of η. If the way up is shorter than one step, η is
    the first rate.
    """
    _check_shares(learning_rate, steps, warmup=warmup, start=start, final=final)
    # Counted from 0, as in PyTorch; a single step has the rate η.
    peak, last = max(warmup * steps - 1, 0), max(steps - 1, 1)

    def schedule(step: int) -> float:
        if step - 1 < peak:
            return _wave(start * learning_rate, learning_rate, (step - 1) / peak)
        return _wave(learning_rate, final * learning_rate, (step - 1 - peak) / (last - peak))

    return schedule


def _wave(first: float, last: float, progress: float) -> float:
    """From ``first`` at progress 0 to ``last`` at 1 (and beyond), along half a cosine wave."""
    return last + (first - last) * (1 + math.cos(math.pi * min(progress, 1))) / 2


def _check_shares(learning_rate: float, steps: int, **shares: float) -> None:
    check_positive("learning_rate", learning_rate)
    check_count("steps", steps)
    for name, share in shares.items():
        check_fraction(name, share)
