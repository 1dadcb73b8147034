"""The test images of a data set, those first that a network misreads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.background import Unavailable
from gui.recognizer import SIDE, Recognizer
from nnscratch import Dataset

_BATCH = 1000
_TEST_PART = {"mnist_and_pen": "mnist"}  # whose test images a data set has, if not its own


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One image with what it is and what the network said."""

    number: int  # in the test part, from 0
    image: NDArray[np.floating]  # (28, 28), 0–1
    label: int
    answer: int


class Gallery:
    """The test images as one recognizer reads them: misread ones first, the surest of all."""

    def __init__(self, name: str, images: Dataset, recognizer: Recognizer) -> None:
        self.name = name
        self._images = images
        network = recognizer.network
        found = [network.predict_proba(inputs) for inputs, _ in images.batches(_BATCH)]
        probabilities = np.concatenate(found)  # (n, 10)
        self._labels = np.concatenate([labels for _, labels in images.batches(_BATCH)])
        self._answers = probabilities.argmax(axis=1)
        wrong = self._answers != self._labels
        self.misread = int(np.count_nonzero(wrong))
        self._order = np.lexsort((np.where(wrong, -probabilities.max(axis=1), 0), ~wrong))

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> Exhibit:
        number = int(self._order[place])
        [features], [label] = self._images.take(np.array([number]))
        return Exhibit(number, features.reshape(SIDE, SIDE), int(label), int(self._answers[number]))


def load_images(name: str) -> Dataset:
    """The test part of a data set of digits. Raises ``Unavailable``."""
    from experiments.datasets import load
    from experiments.errors import DatasetError

    try:
        return load(_TEST_PART.get(name, name), val_fraction=0.1, seed=0).test
    except DatasetError as error:
        raise Unavailable(f"test images: {error}") from error
