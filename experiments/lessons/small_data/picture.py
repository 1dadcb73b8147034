"""The picture of the lesson on little data: curves with wrong labels, and where they all end."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from experiments.reporting.axes import beside, colours, epoch_axis, panel_title, plain
from experiments.reporting.end_labels import end_labels

Curves = Mapping[str, Mapping[int, float]]
"""Accuracies (0–1) by what prevents memorizing, and by epoch."""


def picture(
    figure: Figure,
    *,
    images: int,
    wrong: float,
    training: Curves,
    validation: Curves,
    ends: Mapping[str, Mapping[str, tuple[float, float]]],
) -> None:
    """``training`` and ``validation``: with the share ``wrong`` of the labels wrong.

    ``ends``: the final training and validation accuracy, by kind of labels and by what prevents
    memorizing.
    """
    figure.set_size_inches(14, 5.2)
    left, middle, right = figure.subplots(1, 3, gridspec_kw={"width_ratios": (1, 1, 0.95)})
    colour = colours(list(training), ordered=False)
    _curves(left, training, colour)
    left.axhline(1 - wrong, color="grey", ls=":", lw=1)
    last = max(max(curve) for curve in training.values())
    left.text(last, 1.005 - wrong, "correct labels", ha="right", color="grey", fontsize=9)
    panel_title(left, f"Training accuracy on the given labels ({images:,} images)")
    _curves(middle, validation, colour)
    panel_title(middle, "Validation accuracy on correct labels")
    low = min(min(curve.values()) for found in (training, validation) for curve in found.values())
    for axes in (left, middle):
        axes.set_ylim(max(low, 0.4), 1.01)
        ends_of = training if axes is left else validation
        end_labels(axes, {care: _end(curve) for care, curve in ends_of.items()}, colour)
    _gaps(right, ends, colour)


def _end(curve: Mapping[int, float]) -> tuple[float, float]:
    last = max(curve)
    return last, curve[last]


def _curves(axes: Axes, curves: Curves, colour: Mapping[str, Any]) -> None:
    for care, curve in curves.items():
        axes.plot(list(curve), list(curve.values()), color=colour[care], lw=1.8)
    epoch_axis(axes)
    last = max(max(curve) for curve in curves.values())
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= last])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _gaps(
    axes: Axes, ends: Mapping[str, Mapping[str, tuple[float, float]]], colour: Mapping[str, Any]
) -> None:
    """A bar from the validation accuracy to the training accuracy."""
    place = 0.0
    names: dict[float, str] = {}
    for heading, found in ends.items():
        axes.text(0.02, place, heading, transform=axes.get_yaxis_transform(), fontsize=10)
        for care, (trained, validated) in found.items():
            place -= 1
            axes.plot([validated, trained], [place, place], color=colour[care], lw=5, alpha=0.35)
            axes.plot(validated, place, "o", color=colour[care], ms=8)
            axes.plot(trained, place, "|", color=colour[care], ms=13, mew=2.5)
            below = validated < trained
            offset, side = ((-9, 0), "right") if below else ((9, 0), "left")
            look = {"ha": side, "va": "center", "color": colour[care], "fontsize": 9}
            beside(axes, f"{validated:.1%}", (validated, place), offset, **look)
            names[place] = care
        place -= 1.6
    axes.set_yticks(list(names), list(names.values()))
    axes.set_ylim(place + 1, 1)
    low = min(min(pair) for found in ends.values() for pair in found.values())
    axes.set_xlim(low - 0.12, 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel_title(axes, "Final accuracy: ● validation images, | training images")
    plain(axes)
    axes.grid(visible=False, axis="y")
