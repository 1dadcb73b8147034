"""The pictures that a sweep carries: those of all kinds that say something about it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from experiments.reporting.accuracy_and_time import accuracy_and_time, has_times
from experiments.reporting.heat_map import has_heat_map, heat_map
from experiments.reporting.learning_rates import has_learning_rates, learning_rates
from experiments.reporting.sweep_curves import has_curves, sweep_curves
from experiments.reporting.sweep_results import SweepResults

_KINDS = (
    ("sweep_curves", has_curves, sweep_curves),
    ("heat_map", has_heat_map, heat_map),
    ("learning_rates", has_learning_rates, learning_rates),
    ("accuracy_and_time", has_times, accuracy_and_time),
)


def sweep_plots(results: SweepResults) -> Mapping[str, Callable[[Path], None]]:
    """What draws each picture that makes sense here, by the picture's name."""
    return {name: partial(draw, results) for name, fits, draw in _KINDS if fits(results)}
