"""The 8×8 digits that ship with scikit-learn, in MNIST's format. They need no network."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from experiments.datasets.image_cache import sources_digest
from experiments.datasets.image_set import ImageArrays
from nnscratch import stratified_split
from nnscratch.typing import FloatArray, PixelArray

_TEST_FRACTION = 0.2
_BRIGHTEST = 16  # each pixel counts the dark dots in 4×4 scanned dots


@dataclass(frozen=True)
class EmbeddedDigits:
    """1,797 digits by 13 people. A fifth is the test part, which does not depend on the seed."""

    @property
    def fingerprint(self) -> str:
        """Changes with the code that converts the images, and with Pillow, which scales them."""
        sources = sources_digest((__name__, "experiments.drawings.mnist_format"))
        return f"{sources} pillow {version('pillow')}"

    @property
    def origin(self) -> str:
        return "sklearn.datasets.load_digits"

    def read(self, scratch: Path | None) -> ImageArrays:
        """The images as uint8 (n, 784). It takes 0.3 s, and the import of scikit-learn 1.5 s."""
        from sklearn.datasets import load_digits

        pictures, classes = load_digits(return_X_y=True)
        images = np.stack([_presented(picture) for picture in np.asarray(pictures)])
        labels = np.asarray(classes, np.uint8)
        train, test = stratified_split(labels, _TEST_FRACTION, np.random.default_rng(0))
        return {
            "train_images": images[train],
            "train_labels": labels[train],
            "test_images": images[test],
            "test_labels": labels[test],
        }


def _presented(picture: FloatArray) -> PixelArray:
    """(64,) in 0–16 -> (784,) in 0–255."""
    from experiments.drawings.mnist_format import present  # here: data=mnist needs no Pillow

    pixels = np.rint(picture * (255 / _BRIGHTEST)).astype(np.uint8)
    return np.rint(present(pixels.reshape(8, 8)) * 255).astype(np.uint8).ravel()
