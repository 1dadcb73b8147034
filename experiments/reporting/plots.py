"""The pictures that a run carries: learning curves, confusion matrix.

A process keeps the figures and fills them for each run of a sweep, because laying out axes and
ticks takes a third of the time. Their margins are fixed, because matplotlib's layout engines draw
every picture twice.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from experiments.reporting.axes import epoch_axis
from experiments.reporting.literal import literal
from nnscratch import Epoch, Evaluation

_SAVED = {"dpi": 110, "pil_kwargs": {"compress_level": 1}}  # every run waits for its pictures
_NUMBER = {"ha": "center", "va": "center_baseline", "fontsize": 7.5}
_FEW_EPOCHS = 30  # with no more, each has a mark on the curves
_TRAIN, _VALIDATION = "#1f77b4", "#d95f02"


def learning_curves(history: Sequence[Epoch], title: str, file: Path) -> None:
    """Loss and accuracy after each epoch, for training and validation."""
    figure = _curves(marked=len(history) <= _FEW_EPOCHS)
    loss, accuracy = figure.axes
    numbers = [epoch.number for epoch in history]
    for axes, train, validation in (
        (loss, [e.train_loss for e in history], [e.val_loss for e in history]),
        (accuracy, [e.train_accuracy for e in history], [e.val_accuracy for e in history]),
    ):
        for line, values in zip(axes.lines, (train, validation), strict=True):
            line.set_data(numbers, np.array(values, float))  # without a validation, NaN
        axes.relim()
        if axes is loss:  # starting at 0, so that a constant loss is not at the edge
            axes.update_datalim([(numbers[0], 0.0)])
        axes.autoscale()
    loss.set_ylim(bottom=0)
    figure.suptitle(literal(title))
    figure.savefig(file, **_SAVED)


def confusion_matrix(test: Evaluation, title: str, file: Path) -> None:
    """How often each true class (rows) was classified as each class (columns)."""
    labels, predictions = test.labels, test.predictions
    classes = int(max(labels.max(), predictions.max())) + 1
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    figure = _matrix(classes)
    [axes] = figure.axes
    # With the square root, a few mistakes are visible beside a thousand correct answers.
    axes.collections[0].set_array(np.sqrt(shares))
    for earlier in list(axes.texts):
        earlier.remove()
    for row, column in np.argwhere(counts > 0):
        colour = "white" if shares[row, column] > 0.4 else "black"
        axes.text(column, row, str(counts[row, column]), **_NUMBER, color=colour)
    figure.suptitle(
        f"{literal(title)}\n{test.accuracy:.2%} of {len(labels):,} test samples correct"
    )
    figure.savefig(file, **_SAVED)


@cache
def _curves(*, marked: bool) -> Figure:
    """Axes for loss and accuracy, each with an empty line for training and for validation."""
    figure = Figure(figsize=(10, 4))
    figure.subplots_adjust(left=0.07, right=0.985, bottom=0.13, top=0.89, wspace=0.2)
    loss, accuracy = figure.subplots(1, 2)
    marker = "o" if marked else None
    for axes in (loss, accuracy):
        axes.plot([], [], color=_TRAIN, marker=marker, ms=4, label="training")
        axes.plot([], [], color=_VALIDATION, marker=marker, ms=4, label="validation")
        epoch_axis(axes)
        axes.yaxis.set_major_locator(MaxNLocator(6))
    loss.set_ylabel("loss")
    accuracy.set_ylabel("accuracy")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    loss.legend(frameon=False, loc="upper right")
    return figure


@cache
def _matrix(classes: int) -> Figure:
    """A table of ``classes`` rows, from the top, and columns."""
    figure = Figure(figsize=(6.4, 6.6))
    figure.subplots_adjust(left=0.1, right=0.97, bottom=0.08, top=0.9)
    axes = figure.subplots()
    edges = np.arange(classes + 1) - 0.5
    # Not an image, which takes ten times as long, pixel by pixel.
    axes.pcolormesh(edges, edges, np.zeros((classes, classes)), cmap="Blues", vmin=0, vmax=1)
    axes.invert_yaxis()
    axes.set(aspect="equal", xticks=range(classes), yticks=range(classes))
    axes.tick_params(length=0)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    return figure
