"""The accuracy of each group of a sweep, and its seconds of training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from experiments.reporting.axes import (
    MARKERS,
    MOST_COLOURS,
    accuracy_axis,
    beside,
    colours,
    heading,
    key,
    legend,
    mark,
    panel_grid,
    save,
    title,
)
from experiments.reporting.sweep_results import Group, SweepResults

_MOST_LABELS = 15
_WIDE = 8  # times the fastest; beyond that the seconds need a logarithmic axis
# Places of a label beside its point, in points; the first free one is taken.
_OFFSETS = ((8, 0), (-8, 0), (0, 9), (0, -9), (8, 10), (-8, 10), (8, -10), (-8, -10))


def has_times(results: SweepResults) -> bool:
    """Whether there are two groups to compare."""
    return len(_points(results)) >= 2


def accuracy_and_time(results: SweepResults, file: Path) -> None:
    """Mean validation accuracy against mean training seconds, one point per group.

    The groups that no other beats in both get labels, then the best ones, while there is room.
    Colour and marker show the two strongest factors.
    """
    points = _points(results)
    looks = _looks(results)
    figure, [axes] = panel_grid(1, width=8.5, height=5.2)
    for group in reversed(points):
        look: dict[str, Any] = {"color": "#0072B2", "marker": "o"}
        for factor, by_level in looks.items():
            look |= by_level[group.levels[factor]]
        x, y = _position(group)
        spread = group.row.val_deviation or 0.0
        axes.plot([x, x], [y - spread, y + spread], lw=1, color=look["color"])
        axes.plot(x, y, ms=8, mfc=look["color"] if group.row.finished else "none", **look)
    _axes(axes, points)
    entries: list[Artist] = []
    for factor, by_level in looks.items():
        point = {"marker": "o", "color": "black", "lw": 0, "ms": 8}
        entries += key(factor, {level: point | look for level, look in by_level.items()})
        entries.append(heading(""))
    if any(not group.row.finished for group in points):
        entries.append(mark("hollow: no seed finished", "o", size=8))
    if entries:
        legend(figure, entries)
    title(figure, results.title)
    figure.draw_without_rendering()  # now the size of a label is known
    _place_labels(axes, points)
    save(figure, file)


def _points(results: SweepResults) -> list[Group]:
    return [
        group
        for group in results.groups
        if group.row.seconds is not None and group.row.val_accuracy is not None
    ]


def _position(group: Group) -> tuple[float, float]:
    """Seconds and accuracy of one of the points."""
    assert group.row.seconds is not None
    assert group.row.val_accuracy is not None
    return group.row.seconds, group.row.val_accuracy


def _looks(results: SweepResults) -> dict[str, dict[str, dict[str, Any]]]:
    """By factor and level, for the two strongest factors with few levels: colours, markers."""
    few = [factor for factor in results.factors if len(factor.levels) <= MOST_COLOURS]
    looks = {}
    for factor in few[:1]:
        colour = colours(factor.levels, ordered=factor.numeric)
        looks[factor.name] = {level: {"color": colour[level]} for level in factor.levels}
    for factor in few[1:2]:
        markers = zip(factor.levels, MARKERS, strict=False)
        looks[factor.name] = {level: {"marker": marker} for level, marker in markers}
    return looks


def _axes(axes: Axes, points: Sequence[Group]) -> None:
    seconds = [_position(group)[0] for group in points]
    if max(seconds) > _WIDE * min(seconds) > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.margins(x=0.12)
    axes.set_xlabel("seconds of training (mean over the seeds)")
    accuracy_axis(axes)


def _place_labels(axes: Axes, points: Sequence[Group]) -> None:
    taken = [_around(axes, group) for group in points]
    for group in _worth_a_label(points):
        for x, y in _OFFSETS:
            ha = {8: "left", -8: "right"}.get(x, "center")
            va = "center" if y == 0 else ("bottom" if y > 0 else "top")
            look = {"ha": ha, "va": va, "fontsize": 8}
            label = beside(axes, group.label, _position(group), (x, y), **look)
            box = label.get_window_extent()
            if _free(box, taken, axes):
                taken.append(box)
                break
            label.remove()


def _worth_a_label(points: Sequence[Group]) -> list[Group]:
    """First the groups that are better than all faster ones, then the others; best first."""
    front, fastest = [], float("inf")
    for group in points:
        seconds, _ = _position(group)
        if seconds < fastest:
            fastest = seconds
            front.append(group)
    others = [group for group in points if group not in front]
    return [*front, *others][:_MOST_LABELS]


def _around(axes: Axes, group: Group) -> Bbox:
    """The space of a point with its standard deviation, in pixels."""
    x, y = _position(group)
    spread = group.row.val_deviation or 0.0
    (left, low), (right, high) = axes.transData.transform([(x, y - spread), (x, y + spread)])
    return Bbox.from_extents(left - 6, low - 6, right + 6, high + 6)


def _free(box: Bbox, taken: Sequence[Bbox], axes: Axes) -> bool:
    inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1
    return inside and not any(box.overlaps(other) for other in taken)
