"""The picture of the lesson on real drawings: accuracies, and what the networks see."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import PercentFormatter

from experiments.reporting.axes import apart, beside, panel_title, plain
from nnscratch.typing import FloatArray

_WAYS = {
    "benchmark": ("MNIST's test images", "#000000", "D"),
    "redrawn": ("redrawn strokes", "#009E73", "o"),
    "published": ("published preprocessing", "#0072B2", "s"),
    "whole_canvas": ("no preprocessing", "#D55E00", "^"),
}
_MANNERS = {
    "usual": "in the middle,\nusual pen",
    "thick": "small,\nthick pen",
    "corner": "in a corner",
}
_SIDE = 28
_LABEL = 0.012  # width of a number, on the scale of accuracy


def picture(
    figure: Figure,
    *,
    networks: Mapping[str, Mapping[str, float]],
    seen: Mapping[str, Mapping[str, FloatArray]],
    accuracies: Mapping[str, Mapping[str, float]],
) -> None:
    """``networks``: accuracies (0–1) of each, on the benchmark and by way of preprocessing.

    By manner of drawing and way of preprocessing, ``seen`` is one digit as a network sees it,
    (1, 784), and ``accuracies`` are those of the networks trained only on MNIST.
    """
    figure.set_size_inches(13.5, 5.6)
    [[left, right]] = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.15, 1))
    _networks(left.subplots(), networks)
    _cells(right, seen, accuracies)


def _networks(axes: Axes, networks: Mapping[str, Mapping[str, float]]) -> None:
    names = list(networks)[::-1]
    for place, name in enumerate(names):
        found = networks[name]
        axes.plot([min(found.values()), max(found.values())], [place, place], color="#d0d0d0", lw=3)
        # Redrawn strokes have a smaller marker, and their number above: they lie close to another.
        below = [way for way in _WAYS if way != "redrawn"]
        labels = dict(zip(below, apart([found[way] for way in below], _LABEL), strict=True))
        for way, (_, colour, marker) in _WAYS.items():
            inside = way not in labels
            size, order = (6, 4) if inside else (9, 3)
            axes.plot(found[way], place, marker, color=colour, ms=size, zorder=order)
            point, offset = (labels.get(way, found[way]), place), (0, 9 if inside else -17)
            text = f"{100 * found[way]:.0f}"
            beside(axes, text, point, offset, ha="center", color=colour, fontsize=9)
    _key(axes)
    axes.set_yticks(range(len(names)), [name.replace(", ", "\n") for name in names])
    axes.set_ylim(-0.5, len(names) - 0.1)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel_title(axes, "Accuracy of each network; drawings in the middle, with the usual pen")
    plain(axes)
    axes.grid(visible=False, axis="y")


def _key(axes: Axes) -> None:
    """The ways, in their colours, above all networks."""
    for number, (text, colour, marker) in enumerate(_WAYS.values()):
        column, row = number % 2, number // 2
        x, y = 0.03 + 0.5 * column, 0.965 - 0.05 * row
        axes.plot(x, y, marker, color=colour, ms=8, transform=axes.transAxes, clip_on=False)
        axes.text(x + 0.03, y, text, color=colour, va="center", transform=axes.transAxes)


def _cells(
    figure: SubFigure,
    seen: Mapping[str, Mapping[str, FloatArray]],
    accuracies: Mapping[str, Mapping[str, float]],
) -> None:
    ways = [way for way in _WAYS if way != "benchmark"][::-1]
    table: Any = figure.subplots(len(seen), len(ways))
    for row, manner in zip(table, seen, strict=True):
        for axes, way in zip(row, ways, strict=True):
            axes.imshow(seen[manner][way].reshape(_SIDE, _SIDE), cmap="gray_r", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_color("#c8c8c8")
            share = accuracies[manner][way]
            axes.set_xlabel(f"{share:.0%} correct", fontweight="bold", color=_colour(share))
    for axes, way in zip(table[0], ways, strict=True):
        text, colour, _ = _WAYS[way]
        axes.set_title(text.replace(" ", "\n", 1), fontsize=10, color=colour)
    for row, manner in zip(table, seen, strict=True):
        row[0].set_ylabel(_MANNERS[manner], rotation=0, ha="right", va="center", fontsize=10)
    figure.suptitle("What networks trained only on MNIST see of a drawing", fontsize=10)


def _colour(share: float) -> str:
    """Red for a low accuracy."""
    return "#B00020" if share < 0.5 else "#B26A00" if share < 0.8 else "#00703C"
