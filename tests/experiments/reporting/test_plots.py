"""The pictures of a run, drawn into figures that earlier runs of the process have used."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from experiments.reporting import plots, search_plots
from experiments.reporting.search_results import Result
from nnscratch import Epoch, Evaluation

Draw = Callable[[Path], None]


def curves(epochs: int, *, start: float, validated: bool = True) -> Draw:
    history = [
        Epoch(
            number=number,
            train_loss=start / number,
            train_accuracy=1 - 0.5 / number,
            val_loss=1.2 * start / number if validated else None,
            val_accuracy=0.9 - 0.5 / number if validated else None,
            learning_rate=0.001,
            seconds=1.0,
        )
        for number in range(1, epochs + 1)
    ]
    return lambda file: plots.learning_curves(history, f"{epochs} epochs", file)


def matrix(labels: list[int], predictions: list[int]) -> Draw:
    test = Evaluation(
        loss=0.5,
        accuracy=float(np.mean(np.array(labels) == predictions)),
        labels=np.array(labels),
        predictions=np.array(predictions),
    )
    return lambda file: plots.confusion_matrix(test, f"{len(labels)} samples", file)


def points(line: Line2D) -> dict[int, float]:
    """The value at each epoch of a curve."""
    return {int(epoch): float(value) for epoch, value in np.array(line.get_xydata())}


EARLIER = [
    curves(25, start=9.0),
    curves(50, start=0.1),
    matrix([0, 1, 2, 2], [1, 1, 2, 0]),
    matrix([0, 1, 2] * 400, [2, 1, 0] * 400),
]


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(curves(3, start=0.5), id="few epochs"),
        pytest.param(curves(1, start=2.0), id="one epoch"),
        pytest.param(curves(4, start=2.0, validated=False), id="no validation"),
        pytest.param(curves(40, start=2.0), id="many epochs"),
        pytest.param(matrix([0, 1, 2], [0, 1, 2]), id="all right"),
        pytest.param(matrix([0, 3], [3, 0]), id="other classes"),
    ],
)
def test_nothing_of_the_runs_before_shows(draw: Draw, tmp_path: Path) -> None:
    for figures in (plots._curves, plots._matrix):
        figures.cache_clear()
    draw(tmp_path / "in_new_figures.png")
    for earlier in EARLIER:
        earlier(tmp_path / "earlier.png")
    draw(tmp_path / "in_filled_figures.png")
    new, filled = (
        Image.open(tmp_path / f"in_{which}_figures.png").tobytes() for which in ("new", "filled")
    )
    assert new == filled


def test_curves_show_every_epoch_of_training_and_validation(tmp_path: Path) -> None:
    for earlier in EARLIER:
        earlier(tmp_path / "earlier.png")
    curves(4, start=2.0)(tmp_path / "curves.png")

    loss, accuracy = plots._curves(marked=True).axes
    training, validation = loss.lines
    assert (training.get_label(), validation.get_label()) == ("training", "validation")
    assert points(training) == pytest.approx({1: 2, 2: 1, 3: 2 / 3, 4: 0.5})
    assert points(validation) == pytest.approx({1: 2.4, 2: 1.2, 3: 0.8, 4: 0.6})
    training, validation = accuracy.lines
    assert points(training) == pytest.approx({1: 0.5, 2: 0.75, 3: 1 - 0.5 / 3, 4: 0.875})
    assert points(validation) == pytest.approx({1: 0.4, 2: 0.65, 3: 0.9 - 0.5 / 3, 4: 0.775})
    for axes, lowest, highest in ((loss, 0.5, 2.4), (accuracy, 0.4, 0.875)):
        left, right = axes.get_xlim()
        bottom, top = axes.get_ylim()
        assert 0.5 < left < 1 < 4 < right < 4.5
        assert bottom < lowest < highest < top < 1.2 * highest
    assert loss.get_ylim()[0] == 0


def test_a_name_with_dollars_is_no_formula(tmp_path: Path) -> None:
    name = r"$\no{formula$"
    plots.learning_curves([Epoch(1, 2.3, 0.1, 2.3, 0.1, 0.001, 1.0)], name, tmp_path / "plot.png")
    trials = [Result("finished", value, {"$x$": name, "y$": value}) for value in (0.4, 0.5)]
    search_plots.history(trials, name, tmp_path / "plot.png")
    search_plots.parallel_coordinates(trials, ["y$"], name, tmp_path / "plot.png")
    search_plots.importances({"$x$": 0.3, "y$": 0.7}, name, tmp_path / "plot.png")


def test_a_constant_loss_is_not_at_the_edge(tmp_path: Path) -> None:
    history = [Epoch(number, 2.3, 0.1, 2.3, 0.1, 0.001, 1.0) for number in range(1, 5)]
    plots.learning_curves(history, "zeros", tmp_path / "curves.png")
    bottom, top = plots._curves(marked=True).axes[0].get_ylim()
    assert bottom == 0
    assert top == pytest.approx(1.05 * 2.3)


@pytest.mark.parametrize(("epochs", "marked"), [(30, True), (31, False)])
def test_few_epochs_are_marked(epochs: int, marked: bool, tmp_path: Path) -> None:
    curves(epochs, start=2.0)(tmp_path / "curves.png")
    for line in plots._curves(marked=marked).axes[0].lines:
        assert len(points(line)) == epochs
        assert line.get_marker() == ("o" if marked else "None")


def test_the_matrix_has_true_classes_from_top_to_bottom_and_predicted_ones_from_the_left(
    tmp_path: Path,
) -> None:
    labels = [0] * 100 + [1] * 100 + [2] * 100
    matrix(labels, [0] * 100 + [2] * 100 + [2] * 100)(tmp_path / "matrix.png")

    image = np.asarray(Image.open(tmp_path / "matrix.png").convert("L"))
    [axes] = plots._matrix(3).axes
    assert axes.transData.transform((0, 0))[1] > axes.transData.transform((0, 1))[1]
    dark = np.zeros((3, 3), bool)
    for row, column in np.ndindex(3, 3):
        # Off the middle of the cell, where its number is.
        x, y = axes.transData.transform((column - 0.3, row - 0.3)) * 110 / axes.figure.dpi
        dark[row, column] = image[round(len(image) - y), round(x)] < 100
    assert dark.tolist() == [[True, False, False], [False, False, True], [False, False, True]]


def test_the_matrix_shows_the_count_of_each_cell_that_is_not_zero(tmp_path: Path) -> None:
    for earlier in EARLIER:
        earlier(tmp_path / "earlier.png")
    matrix([0] * 90 + [1] * 20 + [2] * 7, [0] * 90 + [1] * 8 + [2] * 12 + [2] * 7)(
        tmp_path / "matrix.png"
    )
    [axes] = plots._matrix(3).axes
    counts = {text.get_position()[::-1]: (text.get_text(), text.get_color()) for text in axes.texts}
    assert counts == {
        (0, 0): ("90", "white"),
        (1, 1): ("8", "black"),
        (1, 2): ("12", "white"),
        (2, 2): ("7", "white"),
    }
