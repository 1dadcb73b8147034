"""The accuracy at each learning rate, for each optimizer."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from experiments.reporting.axes import (
    MARKERS,
    MOST_COLOURS,
    accuracy_axis,
    colours,
    heading,
    key,
    label_outer,
    legend,
    mark,
    panel_grid,
    save,
    title,
)
from experiments.reporting.factors import Factor, learning_rate
from experiments.reporting.sweep_results import Group, SweepResults

_MOST_PANELS = 6
_FEWEST_RATES = 3


def has_learning_rates(results: SweepResults) -> bool:
    """Whether a run finished, and there are at least three rates and few other factors."""
    rates, _, rest = _roles(results)
    return (
        rates is not None
        and any(group.row.finished for group in results.groups)
        and len(rates.levels) >= _FEWEST_RATES
        and math.prod(len(factor.levels) for factor in rest) <= _MOST_PANELS
    )


def learning_rates(results: SweepResults, file: Path) -> None:
    """Mean validation accuracy at each learning rate, ± standard deviation.

    One line per optimizer, or per level of the strongest other factor; one panel per level of
    a further factor. A rate at which no seed finished interrupts the line.
    """
    rates, lines, rest = _roles(results)
    assert rates is not None, "has_learning_rates said so"
    levels = lines.levels if lines else ("",)
    colour = colours(levels, ordered=lines is not None and lines.numeric)
    panels = results.panels(rest)
    figure, all_axes = panel_grid(len(panels), width=6, height=4.2)
    for axes, (panel, groups) in zip(all_axes, panels, strict=True):
        for number, level in enumerate(levels):
            line = [g for g in groups if lines is None or g.levels[lines.name] == level]
            foot = 0.03 + 0.05 * number
            _draw(axes, line, rates, foot, color=colour[level], marker=MARKERS[number])
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_title(panel, fontsize=10)
    for axes in all_axes:  # now their shared range is known
        accuracy_axis(axes)
    label_outer(all_axes)
    if lines:
        looks = {
            level: {"color": colour[level], "marker": marker}
            for level, marker in zip(levels, MARKERS, strict=False)
        }
        legend(figure, [*key(lines.name, looks), *_notes(results)])
    title(figure, results.title)
    save(figure, file)


def _roles(results: SweepResults) -> tuple[Factor | None, Factor | None, Sequence[Factor]]:
    """The factors for the learning rates, for the lines, and for the panels."""
    rates = learning_rate(results.factors)
    others = [factor for factor in results.factors if factor is not rates]
    few = [factor for factor in others if len(factor.levels) <= MOST_COLOURS]
    optimizers = [factor for factor in few if factor.name == "optimizer"]
    lines = next(iter([*optimizers, *few]), None)
    return rates, lines, [factor for factor in others if factor is not lines]


def _draw(axes: Axes, groups: Sequence[Group], rates: Factor, foot: float, **look: Any) -> None:
    """One line; rates without an accuracy are marked at the height ``foot`` (0–1) of the axes."""
    at = {float(group.levels[rates.name]): group.row for group in groups}
    numbers = sorted(at)
    finished = [at[rate].val_accuracy if at[rate].finished else None for rate in numbers]
    means = [math.nan if accuracy is None else accuracy for accuracy in finished]
    spreads = [at[rate].val_deviation or 0.0 for rate in numbers]
    axes.errorbar(numbers, means, spreads, capsize=3, lw=1.7, ms=5.5, **look)
    for rate, mean in zip(numbers, means, strict=True):
        if math.isnan(mean):
            at_foot = axes.get_xaxis_transform()
            axes.plot(rate, foot, "X", transform=at_foot, color=look["color"], mec="black", ms=9)
        elif at[rate].unfinished:
            axes.plot(rate, mean, "o", mfc="none", mec="black", ms=12)


def _notes(results: SweepResults) -> list[Artist]:
    notes: list[Artist] = []
    if any(group.row.finished and group.row.unfinished for group in results.groups):
        notes.append(mark("not all seeds finished", "o", size=12))
    if any(not group.row.finished for group in results.groups):
        notes.append(mark("no seed finished", "X", fill="white"))
    return [heading(""), *notes] if notes else []
