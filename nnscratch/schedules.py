"""Learning rate schedules: plain callables ``step -> learning rate``, steps counted from 1."""

from collections.abc import Callable
from typing import TypeAlias

Schedule: TypeAlias = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """The same rate for ever. Raises ``ValueError`` unless it is positive and finite."""
    if not 0 < learning_rate < float("inf"):
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    return lambda step: learning_rate
