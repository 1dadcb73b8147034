"""The pictures of a run, drawn into figures that earlier runs of the process have filled."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.reporting import plots
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

    new = Image.open(tmp_path / "in_new_figures.png")
    filled = Image.open(tmp_path / "in_filled_figures.png")
    assert new.tobytes() == filled.tobytes()
    assert new.tobytes() != Image.open(tmp_path / "earlier.png").tobytes()
