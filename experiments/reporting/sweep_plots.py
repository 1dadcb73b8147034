"""The pictures of a sweep: of all kinds, those that make sense for its factors."""

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
    """By name, the functions that draw the pictures which make sense here."""
    return {name: partial(draw, results) for name, fits, draw in _KINDS if fits(results)}
