"""The picture of the lesson on optimizers: accuracy by learning rate, and the rates that work."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.reporting.axes import colours, lines_by_rate, panel_title, plain

_LOWEST = 0.5  # accuracy, below which a network has failed


def picture(
    figure: Figure,
    accuracies: Mapping[str, Mapping[str, Mapping[float, float]]],
    working: Mapping[str, Mapping[str, Sequence[float]]],
) -> None:
    """``accuracies`` (0–1) by kind of pixels, optimizer and learning rate.

    ``working``: for each kind of pixels and optimizer, the rates that come close to the best.
    """
    figure.set_size_inches(13.5, 7.2)
    above, below = figure.subplots(
        2, len(accuracies), sharex=True, sharey="row", height_ratios=(2, 1), squeeze=False
    )
    names = list(next(iter(accuracies.values())))
    colour = colours(names, ordered=False)
    for axes, (pixels, table) in zip(above, accuracies.items(), strict=True):
        lines_by_rate(axes, table, colour)
        best = max(max(by_rate.values()) for by_rate in table.values())
        panel_title(axes, pixels.capitalize())
        axes.set_ylim(_LOWEST, min(1.0, best + 0.03))
    above[0].set_ylabel("validation accuracy")
    for axes, rates in zip(below, working.values(), strict=True):
        _ranges(axes, rates, colour)
    for label, name in zip(below[0].get_yticklabels(), names[::-1], strict=True):
        label.set_color(colour[name])


def _ranges(axes: Axes, rates: Mapping[str, Sequence[float]], colour: Mapping[str, Any]) -> None:
    names = list(rates)[::-1]
    for place, name in enumerate(names):
        axes.plot(rates[name], [place] * len(rates[name]), "o-", lw=6, ms=9, color=colour[name])
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    panel_title(axes, "Learning rates that reach almost the best accuracy")
    axes.set_xlabel("learning rate")
    plain(axes)
