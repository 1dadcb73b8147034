"""MNIST, plus digits that other people wrote with a pen."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.datasets.image_cache import Source, cached, data_folder, sources_digest
from experiments.datasets.image_set import MNIST, ImageArrays
from experiments.datasets.pen_strokes import REMEDY, PenStrokes, read_pen_file, read_pen_strokes
from experiments.errors import DatasetError
from experiments.runtime.paths import local_path
from nnscratch.typing import IntArray, PixelArray

_MODULES = (
    __name__,
    "experiments.datasets.pen_strokes",
    "experiments.drawings.variation",
    "experiments.drawings.rendering",
    "experiments.drawings.mnist_format",
)
_LOGGER = logging.getLogger(__name__)
_FILES = ("strokes_train.npz", "pendigits-orig.tra")
_SHARE = 0.42  # of all training images
_MOST_VIEWS = 12  # of one drawing


@dataclass(frozen=True)
class MnistAndPen:
    """MNIST, and several views of every drawing in ``path``.

    The training images are MNIST's, then each drawing unchanged, then random variations of each
    drawing (``experiments.drawings.variation``). The test images are MNIST's.
    """

    mnist: Source
    path: Path

    @property
    def name(self) -> str:
        """The name in the cache. Another file of strokes is another set."""
        return f"mnist_and_pen-{self._content[:12]}"

    @property
    def fingerprint(self) -> str:
        """Changes with the file, and with the code that draws and varies its strokes."""
        return f"{self._content} {sources_digest(_MODULES)}"

    @property
    def origin(self) -> str:
        return self.path.as_uri()

    @cached_property
    def pen(self) -> PenStrokes:
        """The drawings. Raises ``DatasetError``."""
        return read_pen_strokes(self.path)

    @property
    def views(self) -> int:
        """The number of images of each drawing, so that they are about 42 % of all images.

        It is at most 12, because more views add little. So fewer than 3,600 drawings have a
        smaller share.
        """
        wanted = _SHARE / (1 - _SHARE) * sum(MNIST.train_counts) / len(self.pen)
        return min(max(round(wanted), 1), _MOST_VIEWS)

    def rows_of(self, drawings: IntArray, *, views: int) -> IntArray:
        """The rows of the training images that hold the first ``views`` of these drawings."""
        first = sum(MNIST.train_counts)
        return np.concatenate([first + view * len(self.pen) + drawings for view in range(views)])

    def read(self, scratch: Path | None) -> ImageArrays:
        """The images as uint8 (n, 784). Drawing them takes half a minute."""
        mnist = cached(MNIST.name, self.mnist).arrays
        _LOGGER.info("Drawing the %d digits of %s %d times …", len(self.pen), self.path, self.views)
        images = np.stack([*_views(self.pen, self.views)])
        labels = np.tile(self.pen.labels, self.views)
        return {
            **mnist,
            "train_images": np.concatenate([mnist["train_images"], images]),
            "train_labels": np.concatenate([mnist["train_labels"], labels]),
        }

    @cached_property
    def _content(self) -> str:
        return hashlib.sha256(read_pen_file(self.path)).hexdigest()


def find_pen_strokes(path: str | None) -> Path:
    """The file at this path; without a path, the file in ``pen_digits/`` of the data folder.

    Raises ``DatasetError`` if that folder has no such file, and ``ConfigError`` if the path is not
    on this machine.
    """
    if path is not None:
        return local_path(path, "data.pen_strokes").absolute()
    folder = data_folder() / "pen_digits"
    found = next((folder / name for name in _FILES if (folder / name).is_file()), None)
    if found is None:
        raise DatasetError(
            f"data.pen_strokes=null: {folder} holds neither {' nor '.join(_FILES)}; {REMEDY}"
        )
    return found


def _views(pen: PenStrokes, views: int) -> Iterator[PixelArray]:
    """Each drawing unchanged, then variations of each drawing; each (784,)."""
    from experiments.drawings.mnist_format import centre
    from experiments.drawings.rendering import draw
    from experiments.drawings.variation import vary  # here: data=mnist needs no Pillow

    for strokes in pen.drawings():
        yield centre(draw(strokes)).ravel()
    rng = np.random.default_rng(0)
    for _ in range(views - 1):
        for strokes in pen.drawings():
            yield vary(strokes, rng).ravel()
