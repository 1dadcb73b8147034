"""Checks of single config values: each returns what is wrong with a value, or None."""

from collections.abc import Callable
from typing import Any, TypeAlias

from nnscratch.layers.initializers import initializer

Check: TypeAlias = Callable[[Any], str | None]

_MOST_LAYERS, _MOST_UNITS = 1_000, 1_000_000  # the deepest lessons have 20 layers


def between(low: float, high: float) -> Check:
    return lambda value: None if low < value < high else f"must lie between {low:g} and {high:g}"


def at_least(minimum: int) -> Check:
    return within(minimum, 2**63 - 1, f"must be {minimum} or more")


def within(low: int, high: int, allowed: str = "") -> Check:
    allowed = allowed or f"must be {low} to {high:,}"
    return lambda value: (
        allowed if value < low else f"must be {high:,} or less" if value > high else None
    )


def named(value: str) -> str | None:
    return None if value.strip() else "must have a name, as in tracking.experiment=nnscratch"


def positive(value: float) -> str | None:
    return None if 0 < value < float("inf") else "must be a positive number"


def one_of(*names: str) -> Check:
    return lambda value: None if value in names else f"choose one of {', '.join(names)}"


def not_negative(value: float) -> str | None:
    return None if 0 <= value < float("inf") else "must be 0 or a positive number"


def below_one(value: float) -> str | None:
    return None if 0 <= value < 1 else "must be at least 0 and less than 1"


def factor(value: float) -> str | None:
    return None if 0 < value <= 1 else "must be more than 0 and at most 1"


def initialization(value: str) -> str | None:
    try:
        initializer(value)
    except ValueError as error:
        return str(error)
    return None


def jobs(value: int) -> str | None:
    return None if value == -1 or value >= 1 else "must be 1 or more, or -1 for one per core"


def layer_sizes(value: list[int]) -> str | None:
    if len(value) > _MOST_LAYERS:
        return f"must be {_MOST_LAYERS:,} hidden layers or fewer"
    if all(isinstance(units, int) and 1 <= units <= _MOST_UNITS for units in value):
        return None
    return f"every hidden layer needs 1 to {_MOST_UNITS:,} units, as in [128,64]"
