"""How long a call takes, and the median and the spread of repeated measurements."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """Median and quartiles. A single slow measurement hardly changes them."""

    median: float
    lower: float
    upper: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of one or more values."""
        lower, median, upper = np.percentile(values, (25, 50, 75))
        return cls(float(median), float(lower), float(upper))


def seconds_of(call: Callable[[], object]) -> float:
    """The time that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
