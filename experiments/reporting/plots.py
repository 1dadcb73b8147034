"""The pictures that runs and sweeps carry: learning curves, confusion matrix, sweep curves."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nnscratch import Epoch, Evaluation

# The first plot ever draws up a list of fonts; no one needs to be told.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

_DPI = 110
_TRAIN, _VALIDATION = "#1f77b4", "#d95f02"
_MOST_LEGEND_ENTRIES = 24


@dataclass(frozen=True)
class Curve:
    """The validation accuracy (0–1) of one run after each epoch."""

    label: str
    epochs: Sequence[int]
    accuracies: Sequence[float]

    @property
    def best(self) -> float:
        return max(self.accuracies, default=0.0)


def learning_curves(history: Sequence[Epoch], title: str, file: Path) -> None:
    """Loss and accuracy over the epochs, training beside validation."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    numbers = [epoch.number for epoch in history]
    for axes, train, validation in (
        (loss, [e.train_loss for e in history], [e.val_loss for e in history]),
        (accuracy, [e.train_accuracy for e in history], [e.val_accuracy for e in history]),
    ):
        markers = "o" if len(history) <= 30 else None
        axes.plot(numbers, train, color=_TRAIN, marker=markers, ms=4, label="training")
        axes.plot(numbers, validation, color=_VALIDATION, marker=markers, ms=4, label="validation")
        _epoch_axis(axes)
    loss.set_ylabel("loss")
    loss.set_ylim(bottom=0)
    accuracy.set_ylabel("accuracy")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    loss.legend(frameon=False)
    figure.suptitle(title)
    figure.savefig(file, dpi=_DPI)


def confusion_matrix(test: Evaluation, title: str, file: Path) -> None:
    """How often each true class (rows) was taken for each class (columns)."""
    labels, predictions = test.labels, test.predictions
    classes = int(max(labels.max(), predictions.max())) + 1
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    figure = Figure(figsize=(6.4, 6), layout="constrained")
    axes = figure.subplots()
    # The square root lets a handful of confusions show beside a thousand right answers.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.4 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    figure.suptitle(f"{title}\n{test.accuracy:.2%} of {len(labels):,} test samples right")
    figure.savefig(file, dpi=_DPI)


def sweep_curves(curves: Sequence[Curve], factors: Sequence[str], title: str, file: Path) -> None:
    """The validation accuracy of every run of a sweep on one axis, the best first in the legend.

    ``factors`` name the parts of the curves' labels.
    """
    ranked = sorted(curves, key=lambda curve: curve.best, reverse=True)
    figure = Figure(figsize=(10, max(4.5, 0.24 * len(ranked[:_MOST_LEGEND_ENTRIES]) + 1)))
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    few = len(ranked) <= 10
    colours = colormaps["tab10" if few else "turbo"](
        np.arange(10) if few else np.linspace(0, 1, len(ranked))
    )
    styles = ("-", "--", "-.", ":")
    for rank, curve in enumerate(ranked):
        label = f"{curve.best:7.2%}  {curve.label}" if rank < _MOST_LEGEND_ENTRIES else None
        axes.plot(
            curve.epochs,
            curve.accuracies,
            color=colours[rank],
            # Runs that fail alike lie on each other: dashes let the lower ones show through.
            linestyle=styles[rank % len(styles)],
            marker="o",
            ms=4,
            label=label,
        )
    _epoch_axis(axes)
    axes.set_ylabel("validation accuracy")
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    if ranked:
        hidden = len(ranked) - _MOST_LEGEND_ENTRIES
        if hidden > 0:
            axes.plot([], [], alpha=0, label=f"… and {hidden} more")
        names = " · ".join(factor.removesuffix(".name") for factor in factors)
        axes.legend(
            title=f"best epoch: {names}",
            loc="upper left",
            bbox_to_anchor=(1, 1),
            frameon=False,
            fontsize=9,
        )
    axes.set_title(title, loc="left", wrap=True)
    figure.savefig(file, dpi=_DPI)


def _epoch_axis(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
