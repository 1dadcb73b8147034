"""The pictures of a search: its history, its trials by key, and how much each key matters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from experiments.reporting.axes import plain, save
from experiments.reporting.literal import literal
from experiments.reporting.search_results import Result

_UNUSED = -0.12  # height at which a line passes an axis whose key the trial does not have
_ENDS = {
    "finished": ("o", "#1f77b4"),
    "pruned": ("v", "#9a9a9a"),
    "diverged": ("x", "#c1272d"),
    "failed": ("X", "#c1272d"),
}
"""Marker and colour for each end of a trial."""


def history(results: Sequence[Result], title: str, file: Path) -> None:
    """The validation accuracy of every trial, in order, and the best so far."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    axes = figure.subplots()
    numbers = np.arange(1, len(results) + 1)
    values = np.array([np.nan if r.value is None else r.value for r in results])
    floor = np.nanmin(values)
    for end, (marker, colour) in _ENDS.items():
        chosen = np.array([result.end == end for result in results])
        if chosen.any():
            # A diverged trial has no accuracy, and is drawn at the bottom.
            heights = np.where(np.isnan(values[chosen]), floor, values[chosen])
            label = f"{end} ({chosen.sum()})"
            axes.scatter(numbers[chosen], heights, c=colour, marker=marker, label=label, zorder=3)
    finished = [r.value if r.end == "finished" and r.value is not None else 0 for r in results]
    best = np.maximum.accumulate(finished)
    best = np.where(best > 0, best, np.nan)
    axes.step(numbers, best, where="post", color="#d95f02", label=f"best ({best[-1]:.2%})")
    axes.set_xlabel("trial")
    axes.set_ylabel("validation accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    plain(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    axes.set_title(f"history of {literal(title)}", loc="left")
    save(figure, file)


def parallel_coordinates(
    results: Sequence[Result], logarithmic: Collection[str], title: str, file: Path
) -> None:
    """One line per trial with an accuracy, through its value for every key; the best on top.

    A line passes below an axis if its trial does not have that key.
    """
    rated = sorted((r for r in results if r.value is not None), key=lambda r: r.value or 0)
    keys = list(dict.fromkeys(key for result in rated for key in result.parameters))
    accuracies = np.array([result.value for result in rated])
    figure = Figure(figsize=(max(8, 1.9 * (len(keys) + 1)), 5), layout="constrained")
    axes = figure.subplots()
    heights = _heights(axes, rated, keys, logarithmic)
    # One very bad trial must not give all others the same colour.
    scale = Normalize(float(np.quantile(accuracies, 0.2)), float(accuracies.max()), clip=True)
    colours = colormaps["viridis_r"](scale(accuracies))
    for result, line, colour in zip(rated, heights, colours, strict=True):
        faint = result.end == "pruned"
        style = ":" if faint else "-"
        axes.plot(line, color=colour, linestyle=style, lw=1.2 if faint else 1.8, alpha=0.85)
    figure.colorbar(
        ScalarMappable(scale, "viridis_r"),
        ax=axes,
        format=PercentFormatter(1),
        label="validation accuracy",
        extend="min",
    )
    _frame(axes, keys)
    dotted = " (dotted: pruned)" if any(result.end == "pruned" for result in rated) else ""
    axes.set_title(f"trials of {literal(title)}, darker is better{dotted}", loc="left")
    save(figure, file)


def importances(shares: Mapping[str, float], title: str, file: Path) -> None:
    """The share of the differences in accuracy that each key explains, the largest on top."""
    figure = Figure(figsize=(8, max(2.4, 0.45 * len(shares) + 1.4)), layout="constrained")
    axes = figure.subplots()
    keys, values = [literal(key) for key in shares][::-1], list(shares.values())[::-1]
    bars = axes.barh(keys, values, color="#1f77b4", height=0.6)
    axes.bar_label(bars, [f"{value:.0%}" for value in values], padding=4)
    axes.set_xlim(0, 1.08 * max(values, default=1))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("share of the differences in validation accuracy")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"what matters in {literal(title)}", loc="left")
    save(figure, file)


def _heights(
    axes: Axes, rated: Sequence[Result], keys: Sequence[str], logarithmic: Collection[str]
) -> np.ndarray:
    """Draws all vertical axes and returns the height of each trial on each, (trials, axes)."""
    heights = np.full((len(rated), len(keys) + 1), _UNUSED)
    for column, key in enumerate(keys):
        having = np.array([key in result.parameters for result in rated])
        values = [result.parameters[key] for result in rated if key in result.parameters]
        heights[having, column] = _place(axes, column, values, log=key in logarithmic)
        if not having.all():
            _label(axes, column, _UNUSED, "not used")
    accuracies = [result.value or 0 for result in rated]
    heights[:, -1] = _place(axes, len(keys), accuracies, log=False, percent=True)
    return heights


def _frame(axes: Axes, keys: Sequence[str]) -> None:
    names = [*(literal(key).replace(".", "\n", 1) for key in keys), "validation\naccuracy"]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks([])
    axes.set_ylim(_UNUSED - 0.03, 1.05)
    axes.set_xlim(-0.35, len(keys) + 0.35)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _place(
    axes: Axes, column: int, values: Sequence[str | float], *, log: bool, percent: bool = False
) -> np.ndarray:
    """Draws one vertical axis and returns the heights (0–1) of the values on it."""
    axes.axvline(column, color="black", lw=0.8, zorder=0)
    if any(isinstance(value, str) for value in values):
        names = sorted({str(value) for value in values}, key=_natural)
        spots = dict(zip(names, np.linspace(0.05, 0.95, len(names)), strict=True))
        for name, spot in spots.items():
            _label(axes, column, spot, name)
        return np.array([spots[str(value)] for value in values])
    numbers = np.array(values, float)
    low, high = numbers.min(), numbers.max()
    for share in (0, 0.5, 1):
        value = low * (high / low) ** share if log else low + share * (high - low)
        _label(axes, column, share, f"{value:.1%}" if percent else f"{value:.3g}")
    if high == low:
        return np.full(len(numbers), 0.5)
    if log:
        return np.log(numbers / low) / np.log(high / low)
    return (numbers - low) / (high - low)


def _label(axes: Axes, column: int, height: float, text: str) -> None:
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1}
    axes.text(column + 0.04, height, literal(text), va="center", fontsize=9, bbox=box, zorder=4)


def _natural(name: str) -> tuple[float, str]:
    """Sorts numbers by size, and other names alphabetically after them."""
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name
