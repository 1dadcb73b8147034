"""The picture of the lesson on initialization: accuracies, first gradients, distinct neurons."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.reporting.axes import apart, colours, panel_title, plain

Table = Mapping[str, Mapping[str, float]]
"""Accuracies (0–1) by row and column; NaN where a run diverged."""

_SCALE = colormaps["viridis"]
_LINE = 1.1  # height of a line of text, in powers of ten
_ZERO = 1e-16  # where a gradient of exactly 0 is drawn, on a scale that has no 0
_ABREAST = 3


def picture(
    figure: Figure,
    *,
    accuracies: Mapping[str, Table],
    gradients: Mapping[str, Sequence[float]],
    neurons: Mapping[str, Sequence[int]],
) -> None:
    """``accuracies``: for each activation and optimizer, a table of depth and initialization.

    By initialization, ``gradients`` has the norm in each layer before the first step, ``neurons``
    the numbers of distinct neurons in hidden layers.
    """
    figure.set_size_inches(13.5, 9.6)
    [[above], [below]] = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.05, 0.95))
    rows = len(accuracies) // _ABREAST
    tables = above.subplots(rows, _ABREAST, sharex=True, sharey=True, squeeze=False)
    above.suptitle(
        "Validation accuracy in % (✗: training diverged)", x=0.01, ha="left", fontsize=10
    )
    for axes, (network, table) in zip(tables.flat, accuracies.items(), strict=True):
        _table(axes, table)
        axes.set_title(network, fontsize=10)
    [[left, right]] = below.subplots(1, 2, squeeze=False, width_ratios=(1.7, 1))
    colour = colours(list(gradients), ordered=False)
    _gradients(left, gradients, colour)
    _neurons(right, neurons, colour)


def _table(axes: Axes, table: Table) -> None:
    rows, columns = list(table), list(next(iter(table.values())))
    shares = [[table[row][column] for column in columns] for row in rows]
    axes.imshow(shares, cmap=_SCALE, vmin=0, vmax=1, aspect="auto")
    axes.set_facecolor("#e8e8e8")
    for y, row in enumerate(shares):
        for x, share in enumerate(row):
            text = "✗" if math.isnan(share) else f"{100 * share:.0f}"
            dark = share < 0.6
            axes.text(x, y, text, ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(columns)), columns, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.label_outer()


def _gradients(
    axes: Axes, gradients: Mapping[str, Sequence[float]], colour: Mapping[str, Any]
) -> None:
    layers = range(1, max(map(len, gradients.values())) + 1)
    drawn = {name: [max(n, _ZERO) for n in norms] for name, norms in gradients.items()}
    labels = apart([math.log10(norms[0]) for norms in drawn.values()], _LINE)
    for label, (name, norms) in zip(labels, drawn.items(), strict=True):
        axes.plot(layers, norms, "o-", ms=4, color=colour[name])
        silent = min(gradients[name]) == 0
        text = f"{name}: exactly 0" if silent else name
        axes.text(0.8, 10**label, text, ha="right", va="center", color=colour[name])
    axes.set_yscale("log")
    axes.set_xlim(-1.2, len(layers) + 0.3)
    axes.set_xticks(layers)
    axes.set_xlabel("layer, from input to output")
    panel_title(axes, f"Gradient norm before the first step, {len(layers) - 1} ReLU layers")
    plain(axes)


def _neurons(axes: Axes, neurons: Mapping[str, Sequence[int]], colour: Mapping[str, Any]) -> None:
    names = list(neurons)[::-1]
    for place, name in enumerate(names):
        least, most = min(neurons[name]), max(neurons[name])
        axes.barh(place, most, color=colour[name], height=0.6)
        text = str(most) if least == most else f"{least} to {most}"
        axes.text(most, place, f" {text}", va="center", color=colour[name])
    axes.set_yticks(range(len(names)), names)
    axes.set_xlim(0, 1.2 * max(max(found) for found in neurons.values()))
    panel_title(axes, "Distinct neurons in a hidden layer, over all runs")
    plain(axes)
    axes.grid(visible=False, axis="y")
