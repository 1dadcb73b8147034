"""The picture of the lesson on depth: signals and gradients layer by layer, and accuracies."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.reporting.axes import colours, panel_title, plain
from experiments.reporting.end_labels import end_labels


def picture(
    figure: Figure,
    *,
    signals: Mapping[str, Sequence[float]],
    gradients: Mapping[str, Sequence[float]],
    accuracies: Mapping[str, Mapping[int, float]],
) -> None:
    """By kind of network: one number per layer before training, and accuracies (0–1) by depth."""
    figure.set_size_inches(14, 5.2)
    left, middle, right = figure.subplots(1, 3)
    colour = colours(list(signals), ordered=False)
    layers = len(next(iter(signals.values())))
    for axes, found, text in (
        (left, signals, "Standard deviation of a unit's output over images"),
        (middle, gradients, "Gradient norm before the first step"),
    ):
        for kind, values in found.items():
            axes.plot(range(1, layers + 1), values, "o-", ms=3, color=colour[kind])
        axes.set_yscale("log")
        axes.set_xticks([1, *range(5, layers + 1, 5)])
        axes.set_xlabel(f"hidden layer, from the input to the last of {layers}")
        panel_title(axes, text)
        ends = {kind: (layers, values[-1]) for kind, values in found.items()}
        end_labels(axes, ends, colour)
    _accuracies(right, accuracies, colour)
    for axes in (left, middle, right):
        plain(axes)


def _accuracies(
    axes: Axes, accuracies: Mapping[str, Mapping[int, float]], colour: Mapping[str, str]
) -> None:
    for kind, found in accuracies.items():
        axes.plot(list(found), list(found.values()), "o-", ms=5, color=colour[kind])
    depths = list(next(iter(accuracies.values())))
    axes.set_xticks(depths)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("hidden layers")
    panel_title(axes, "Best validation accuracy of each run")
    ends = {kind: (depths[-1], found[depths[-1]]) for kind, found in accuracies.items()}
    end_labels(axes, ends, colour)
