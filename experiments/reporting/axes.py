"""What all pictures share: colours that everyone can tell apart, axes, titles, legends."""

import logging
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator, PercentFormatter

from experiments.reporting.literal import literal

# The very first plot builds a list of fonts and logs that, which nobody needs to know.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

_DPI = 110
_COLUMNS = 3
# The palette of Okabe and Ito, without its yellow, which is hard to see on white.
_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = "osD^vP*h<>dp"
MOST_COLOURS = len(MARKERS)


def colours(levels: Sequence[str], *, ordered: bool) -> dict[str, Any]:
    """A colour per level: from dark to light if they are ``ordered``, else from a palette."""
    if not ordered and len(levels) <= len(_OKABE_ITO):
        return dict(zip(levels, _OKABE_ITO, strict=False))
    scale = colormaps["viridis"]
    # Only up to 0.9, because the yellow end is too light for a line.
    return {level: scale(0.9 * n / max(1, len(levels) - 1)) for n, level in enumerate(levels)}


def nested(lines: int) -> list[tuple[float, float]]:
    """Width and marker size of each line in points, falling, so that none hides another."""
    widths = [1.2 + 0.5 * n for n in reversed(range(lines))]
    return [(width, 3 + 1.6 * width) for width in widths]


def lines_by_rate(
    axes: Axes, accuracies: Mapping[str, Mapping[float, float]], colour: Mapping[str, Any]
) -> None:
    """Accuracies (0–1) by learning rate, a line for each name."""
    for (lw, ms), (name, by_rate) in zip(nested(len(accuracies)), accuracies.items(), strict=True):
        axes.plot(list(by_rate), list(by_rate.values()), "o-", lw=lw, ms=ms, color=colour[name])
    axes.set_xscale("log")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    plain(axes)


def panel_grid(panels: int, *, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with rows of three panels, each ``width`` × ``height`` inches."""
    columns = min(panels, _COLUMNS)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat)
    for unused in axes[panels:]:
        unused.remove()
    return figure, axes[:panels]


def label_outer(all_axes: Sequence[Axes]) -> None:
    """Numbers and names only at the left and lower edge, because all axes share them."""
    columns = min(len(all_axes), _COLUMNS)
    for number, axes in enumerate(all_axes):
        lowest, leftmost = number + columns >= len(all_axes), number % columns == 0
        axes.tick_params(axis="x", which="both", bottom=lowest, labelbottom=lowest)
        axes.tick_params(axis="y", labelleft=leftmost)
        axes.xaxis.label.set_visible(lowest)
        axes.yaxis.label.set_visible(leftmost)


def legend(figure: Figure, entries: Sequence[Artist]) -> None:
    """On the right, in a space of its own; an entry without a mark is a heading."""
    width, height = figure.get_size_inches()
    longest = max(len(str(entry.get_label())) for entry in entries)
    figure.set_size_inches(width + 0.6 + 0.075 * longest, max(height, 0.6 + 0.2 * len(entries)))
    figure.legend(handles=entries, loc="outside right center", frameon=False, fontsize=9)


def title(figure: Figure, text: str) -> None:
    """Above the axes, on as many lines as needed. Call it last, when the figure has its size."""
    width, _ = figure.get_size_inches()
    figure.suptitle(literal(textwrap.fill(text, int(9 * width))), x=0.01, ha="left", fontsize=12)


def framed(draw: Callable[[Figure], None], heading: str, file: Path) -> None:
    """Saves what ``draw`` puts into an empty figure, with a heading."""
    figure = Figure(layout="constrained")
    draw(figure)
    title(figure, heading)
    save(figure, file)


def panel_title(axes: Axes, text: str) -> None:
    """Small, above the left end of one of several axes."""
    axes.set_title(text, fontsize=10, loc="left")


def beside(
    axes: Axes, text: str, point: tuple[float, float], offset: tuple[float, float], **look: Any
) -> Annotation:
    """A text beside a point of the data; ``offset`` in points of a font."""
    return axes.annotate(text, point, offset, textcoords="offset points", **look)


def apart(places: Sequence[float], least: float) -> list[float]:
    """The places, moved to be at least ``least`` apart in the same order: for labels of lines."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [places[i] for i in order]
    for _ in range(100):  # moving two apart may make another overlap
        for below in range(len(moved) - 1):
            overlap = least - (moved[below + 1] - moved[below])
            if overlap > 0:
                moved[below] -= overlap / 2
                moved[below + 1] += overlap / 2
    found = [0.0] * len(places)
    for i, place in zip(order, moved, strict=True):
        found[i] = place
    return found


def heading(text: str) -> Artist:
    """A line of a legend without a mark."""
    return Line2D([], [], alpha=0, label=text)


def key(name: str, looks: Mapping[str, Mapping[str, Any]]) -> list[Artist]:
    """A part of a legend: the name of a factor, and its levels as they are drawn."""
    return [heading(name), *(Line2D([], [], label=level, **look) for level, look in looks.items())]


def mark(text: str, marker: str, *, fill: str = "none", size: float = 9) -> Artist:
    """A line of a legend with a black-edged mark."""
    return Line2D([], [], color=fill, marker=marker, mec="black", ms=size, lw=0, label=text)


def epoch_axis(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    plain(axes)


def accuracy_axis(axes: Axes) -> None:
    axes.set_ylabel("validation accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.02), min(max(high, low + 0.01), 1.02))
    plain(axes)


def plain(axes: Axes) -> None:
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def save(figure: Figure, file: Path) -> None:
    figure.savefig(file, dpi=_DPI)
