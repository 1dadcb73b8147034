"""The picture of the lesson on batch size: noise, curves up to the goal, and its cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import LogLocator, NullFormatter, PercentFormatter, StrMethodFormatter

from experiments.reporting.axes import beside, colours, plain

_LOWEST = 0.7  # accuracy, from which the curves are drawn


def picture(
    figure: Figure,
    *,
    goal: float,
    noise: Mapping[int, float],
    curves: Mapping[int, Sequence[Mapping[int, float]]],
    costs: Mapping[str, Mapping[int, float]],
) -> None:
    """All by batch size; the largest is all images.

    ``noise`` before the first step; ``curves``: the accuracies (0–1) of each run by step;
    ``costs`` of the goal, by their unit: infinite if it was not reached.
    """
    figure.set_size_inches(14, 5.2)
    [[left, middle, right]] = figure.subfigures(1, 3, squeeze=False, width_ratios=(1, 1.25, 1.1))
    names = {size: _name(size, all_of=max(noise)) for size in noise}
    colour = dict(zip(noise, colours(list(names.values()), ordered=False).values(), strict=True))
    _noise(left.subplots(), noise, names, colour)
    _curves(middle.subplots(), curves, goal, names, colour)
    _costs(right, costs, names, colour)
    right.suptitle(f"Cost of {goal:.0%} accuracy", fontsize=10)


def _name(size: int, *, all_of: int) -> str:
    if size == all_of:
        return f"all {size:,}"
    return "1 image" if size == 1 else f"{size} images"


def _noise(
    axes: Axes, noise: Mapping[int, float], names: Mapping[int, str], colour: Mapping[int, Any]
) -> None:
    sizes = [size for size in noise if noise[size] > 0]
    axes.plot(
        sizes, [noise[sizes[0]] * math.sqrt(sizes[0] / n) for n in sizes], color="grey", ls=":"
    )
    middle = math.sqrt(sizes[0] * sizes[-1])
    centre = middle, noise[sizes[0]] * math.sqrt(sizes[0] / middle)
    beside(axes, "1/√B", centre, (-10, -12), ha="right", color="grey")
    for size in sizes:
        axes.plot(size, noise[size], "o", color=colour[size], ms=9)
        text = f"{names[size]}: {noise[size]:.2g}"
        beside(axes, text, (size, noise[size]), (8, 6), color=colour[size])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(sizes[0] / 2, sizes[-1] * 25)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("images per batch")
    axes.set_title(
        "Noise of the first gradient, relative to its norm\n(all images: 0)", fontsize=10
    )
    plain(axes)


def _curves(
    axes: Axes,
    curves: Mapping[int, Sequence[Mapping[int, float]]],
    goal: float,
    names: Mapping[int, str],
    colour: Mapping[int, Any],
) -> None:
    for number, (size, of_size) in enumerate(curves.items()):
        for curve in of_size:
            marker = "o" if len(curve) < 30 else None
            axes.plot(
                list(curve), list(curve.values()), color=colour[size], marker=marker, ms=4, lw=1
            )
        ends = [max(curve.items()) for curve in of_size]
        above = (0, 8 + 12 * (number % 2))  # neighbours on two lines
        beside(axes, names[size], max(ends), above, ha="center", color=colour[size], fontsize=9)
    axes.axhline(goal, color="grey", ls=":", lw=1)
    axes.set_xscale("log")
    axes.set_ylim(_LOWEST, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("steps")
    axes.set_title("Validation accuracy of each run after each epoch", fontsize=10)
    plain(axes)


def _costs(
    figure: SubFigure,
    costs: Mapping[str, Mapping[int, float]],
    names: Mapping[int, str],
    colour: Mapping[int, Any],
) -> None:
    """Bars on logarithmic scales, one for each kind of cost."""
    column = figure.subplots(len(costs), 1, squeeze=False).flat
    for axes, (heading, found) in zip(column, costs.items(), strict=True):
        finite = [cost for cost in found.values() if math.isfinite(cost)] or [1.0]
        low, high = min(finite) / 4, max(finite) * 6
        sizes = list(found)[::-1]
        for place, size in enumerate(sizes):
            cost = found[size]
            reached = math.isfinite(cost)
            axes.barh(place, (cost if reached else high) - low, left=low, color=colour[size])
            text = _brief(cost) if reached else "never"
            axes.text(cost if reached else low, place, f" {text}", va="center", fontsize=9)
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_yticks(range(len(sizes)), [names[size] for size in sizes], fontsize=8)
        axes.set_xticks([])
        axes.minorticks_off()
        axes.set_title(heading, fontsize=9, loc="left")
        axes.spines[["top", "right", "bottom"]].set_visible(False)


def _brief(cost: float) -> str:
    return f"{cost:,.0f}" if cost >= 10 else f"{cost:.1f}"
