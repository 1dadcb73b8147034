"""The test images of a data set, the misclassified ones first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.datasets import load
from experiments.errors import DatasetError
from gui.background import Unavailable
from gui.recognizer import SIDE, Recognizer
from nnscratch import Dataset

_BATCH = 1000
_TEST_IMAGES_OF = {"mnist_and_pen": "mnist"}  # data sets that share the test images of another


@dataclass(frozen=True, eq=False)
class TestImage:
    """One test image with its label and the prediction of the network."""

    number: int  # in the test part of the data set, from 0
    image: NDArray[np.floating]  # (28, 28), 0–1
    label: int
    prediction: int


class Gallery:
    """The test images, sorted for one network: the most confident mistakes first."""

    def __init__(self, name: str, images: Dataset, recognizer: Recognizer) -> None:
        self.name = name
        self._images = images
        network = recognizer.network
        found = [network.predict_proba(inputs) for inputs, _ in images.batches(_BATCH)]
        probabilities = np.concatenate(found)  # (n, 10)
        self._labels = np.concatenate([labels for _, labels in images.batches(_BATCH)])
        self._predictions = probabilities.argmax(axis=1)
        wrong = self._predictions != self._labels
        self.misclassified = int(np.count_nonzero(wrong))
        self._order = np.lexsort((np.where(wrong, -probabilities.max(axis=1), 0), ~wrong))

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> TestImage:
        number = int(self._order[place])
        [features], [label] = self._images.take(np.array([number]))
        return TestImage(
            number, features.reshape(SIDE, SIDE), int(label), int(self._predictions[number])
        )


def load_images(name: str) -> Dataset:
    """The test part of a data set of digits. Raises ``Unavailable``."""
    try:
        return load(_TEST_IMAGES_OF.get(name, name), val_fraction=0.1, seed=0).test
    except DatasetError as error:
        raise Unavailable(f"test images: {error}") from error
