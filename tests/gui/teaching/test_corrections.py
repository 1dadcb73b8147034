"""Tuning on ten drawings of one person improves on that person, and keeps MNIST's accuracy."""

from pathlib import Path

import numpy as np
import pytest

from experiments.datasets.idx import read_idx
from experiments.datasets.pen_strokes import read_pen_strokes
from experiments.drawings.collection import Drawing, OwnDrawings
from experiments.training.fine_tuning import drawn_once
from experiments.training.teaching import tune
from nnscratch import Dataset, Network, SoftmaxCrossEntropyLoss, evaluate, load_checkpoint

WRITERS = (21, 23, 25, 27, 29)


def _mnist(folder: Path, images: str, labels: str) -> Dataset:
    pixels = read_idx(folder / "mnist" / images)
    return Dataset(pixels.reshape(len(pixels), -1), read_idx(folder / "mnist" / labels))


def _errors(network: Network, dataset: Dataset) -> int:
    accuracy = evaluate(network, SoftmaxCrossEntropyLoss(), dataset).accuracy
    return round((1 - accuracy) * len(dataset))


@pytest.fixture(scope="module")
def people(pen_digits) -> list[tuple[list[Drawing], list[Drawing]]]:
    """For each writer: the first drawing of each digit, and all later drawings."""
    pen = read_pen_strokes(pen_digits / "strokes_train.npz")
    found = []
    for writer in WRITERS:
        theirs = np.flatnonzero(pen.writers == writer)
        theirs = theirs[np.argsort(pen.turns[theirs])]
        drawings = [Drawing(pen.drawing(p), int(pen.labels[p])) for p in theirs]
        firsts = {drawing.label: drawing for drawing in reversed(drawings)}
        later = [drawing for drawing in drawings if drawing is not firsts[drawing.label]]
        found.append(([*firsts.values()], later))
    return found


def test_ten_drawings_remove_a_third_of_the_errors_and_mnist_stays(
    trained, people, mnist_folder
) -> None:
    network = load_checkpoint(trained)
    train = _mnist(mnist_folder, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    test = _mnist(mnist_folder, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
    before, after, forgotten = 0, 0, []
    for firsts, later in people:
        assert len(firsts) == 10
        tuned = tune(network, SoftmaxCrossEntropyLoss(), OwnDrawings(firsts), train)
        assert tuned is not None
        unseen = drawn_once(later)
        before += _errors(network, unseen)
        after += _errors(tuned, unseen)
        forgotten.append(_errors(tuned, test) - _errors(network, test))
    assert after <= 0.7 * before
    assert np.mean(forgotten) <= 20  # of 10,000 images: 0.2 points
