"""The pictures that a run carries: learning curves, confusion matrix.

Their margins are fixed: matplotlib's layout engines draw every picture twice.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from experiments.reporting.cell_numbers import cell_numbers
from nnscratch import Epoch, Evaluation

# The first plot ever draws up a list of fonts; no one needs to be told.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

_SAVED = {"dpi": 110, "pil_kwargs": {"compress_level": 1}}  # every run waits for its pictures
_NUMBER_SIZE = 0.019  # of the counts, as a share of the whole matrix
_TRAIN, _VALIDATION = "#1f77b4", "#d95f02"


def learning_curves(history: Sequence[Epoch], title: str, file: Path) -> None:
    """Loss and accuracy over the epochs, training beside validation."""
    figure = Figure(figsize=(10, 4))
    figure.subplots_adjust(left=0.07, right=0.985, bottom=0.13, top=0.89, wspace=0.2)
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
        axes.yaxis.set_major_locator(MaxNLocator(6))
    loss.set_ylabel("loss")
    loss.set_ylim(bottom=0)
    accuracy.set_ylabel("accuracy")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    loss.legend(frameon=False, loc="upper right")
    figure.suptitle(title)
    figure.savefig(file, **_SAVED)


def confusion_matrix(test: Evaluation, title: str, file: Path) -> None:
    """How often each true class (rows) was taken for each class (columns)."""
    labels, predictions = test.labels, test.predictions
    classes = int(max(labels.max(), predictions.max())) + 1
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    figure = Figure(figsize=(6.4, 6.6))
    figure.subplots_adjust(left=0.1, right=0.97, bottom=0.08, top=0.9)
    axes = figure.subplots()
    # The square root lets a handful of confusions show beside a thousand right answers.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    dark = shares > 0.4
    for colour, cells in (("white", dark), ("black", ~dark)):
        places = [(int(row), int(column)) for row, column in np.argwhere(cells & (counts > 0))]
        numbers = {place: int(counts[place]) for place in places}
        axes.add_artist(cell_numbers(numbers, size=_NUMBER_SIZE * classes, colour=colour))
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    axes.tick_params(bottom=False, left=False)
    figure.suptitle(f"{title}\n{test.accuracy:.2%} of {len(labels):,} test samples right")
    figure.savefig(file, **_SAVED)


def _epoch_axis(axes: Axes) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
