"""Learning curves of a sweep: colour, line style and panel show the factors."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from experiments.reporting.axes import (
    MOST_COLOURS,
    accuracy_axis,
    colours,
    epoch_axis,
    heading,
    key,
    label_outer,
    legend,
    mark,
    panel_grid,
    save,
    title,
)
from experiments.reporting.sweep_results import Group, SweepResults

_STYLES = ("-", "--", ":", "-.")
_MOST_LINES = 12  # in one panel
_MOST_PANELS = 9
_MOST_EPOCHS_WITH_MARKERS = 30
_GREY = "#c8c8c8"


@dataclass(frozen=True)
class _Plan:
    """How groups are drawn: by their levels of two factors, or by their rank."""

    panels: Sequence[tuple[str, Sequence[Group]]]
    entries: Sequence[Artist]
    look: Callable[[Group], Mapping[str, Any]]


def has_curves(results: SweepResults) -> bool:
    """Whether a run has at least two epochs: one is a point, which other pictures show better."""
    return any(len(curve) > 1 for group in results.groups for curve in group.curves.values())


def sweep_curves(results: SweepResults, file: Path) -> None:
    """Mean validation accuracy after each epoch, with a band of one standard deviation.

    The factor that changes the accuracy most is shown by colour, the next one by line style if
    the lines are few, and each further one by panels. If there are too many levels for that, the
    best groups are coloured and the others grey.
    """
    plan = _by_factors(results) or _by_rank(results)
    figure, all_axes = panel_grid(len(plan.panels), width=5.2, height=4.2)
    for axes, (panel, groups) in zip(all_axes, plan.panels, strict=True):
        for group in reversed(groups):  # the best on top
            _draw(axes, group, plan.look(group))
        axes.set_title(panel, fontsize=10)
        epoch_axis(axes)
    for axes in all_axes:  # now their shared range is known
        accuracy_axis(axes)
    label_outer(all_axes)
    legend(figure, [*plan.entries, *_notes(results)])
    title(figure, results.title)
    save(figure, file)


def _by_factors(results: SweepResults) -> _Plan | None:
    factors = list(results.factors)
    first = factors.pop(0) if factors else None
    lines = len(first.levels) if first else 0
    second = next((f for f in factors if lines * len(f.levels) <= _MOST_LINES), None)
    if second and len(second.levels) > len(_STYLES):
        second = None
    rest = [factor for factor in factors if factor is not second]
    too_many = math.prod(len(factor.levels) for factor in rest) > _MOST_PANELS
    if first is None or len(first.levels) > MOST_COLOURS or too_many:
        return None
    colour = colours(first.levels, ordered=first.numeric)
    looks = {level: {"color": colour[level], "lw": 2.5} for level in first.levels}
    entries = key(first.name, looks)
    style = dict(zip(second.levels, _STYLES, strict=False)) if second else {}
    if second:
        looks = {level: {"color": "black", "ls": style[level]} for level in second.levels}
        entries += [heading(""), *key(second.name, looks)]

    def look(group: Group) -> Mapping[str, Any]:
        drawn = {"color": colour[group.levels[first.name]]}
        return drawn | {"ls": style[group.levels[second.name]]} if second else drawn

    return _Plan(results.panels(rest), entries, look)


def _by_rank(results: SweepResults) -> _Plan:
    best = results.groups[:MOST_COLOURS]
    colour = colours([group.label for group in best], ordered=False)
    looks = {f"{_percent(g)}  {g.label}": {"color": colour[g.label], "lw": 2.5} for g in best}
    if others := len(results.groups) - len(best):
        looks[f"{others} others"] = {"color": _GREY, "lw": 2.5}
    entries = key(" · ".join(results.groups[0].levels), looks)
    panels = [("", results.groups)]
    return _Plan(panels, entries, lambda group: {"color": colour.get(group.label, _GREY)})


def _draw(axes: Axes, group: Group, look: Mapping[str, Any]) -> None:
    curves = [group.curves[run_id] for run_id in group.row.counted if run_id in group.curves]
    epochs = sorted({epoch for curve in curves for epoch in curve})
    values = [[curve[epoch] for curve in curves if epoch in curve] for epoch in epochs]
    means = [statistics.fmean(known) for known in values]
    marker = "o" if len(epochs) <= _MOST_EPOCHS_WITH_MARKERS else None
    axes.plot(epochs, means, marker=marker, ms=3.5, lw=1.7, **look)
    spreads = [statistics.stdev(known) if len(known) > 1 else 0.0 for known in values]
    low = [mean - spread for mean, spread in zip(means, spreads, strict=True)]
    high = [mean + spread for mean, spread in zip(means, spreads, strict=True)]
    axes.fill_between(epochs, low, high, color=look["color"], alpha=0.12, lw=0)
    for curve in group.broken:
        last = max(curve)
        axes.plot(last, curve[last], "X", color=look["color"], mec="black", ms=9, zorder=5)


def _notes(results: SweepResults) -> list[Artist]:
    notes: list[Artist] = []
    if any(group.row.seeds > 1 for group in results.groups):
        notes.append(heading("band: ± 1 standard deviation"))
    if any(group.broken for group in results.groups):
        notes.append(mark("diverged or failed", "X", fill="white"))
    missing = sum(not group.curves for group in results.groups)
    if missing:
        notes.append(heading(f"not shown: {missing} without a finished epoch"))
    return [heading(""), *notes] if notes else []


def _percent(group: Group) -> str:
    accuracy = group.row.val_accuracy
    return "—" if accuracy is None else f"{accuracy:.2%}"
