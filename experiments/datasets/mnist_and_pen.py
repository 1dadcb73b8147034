"""MNIST beside digits that other people wrote with a pen: for hands that MNIST doesn't know."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.datasets.image_cache import Source, cached, data_folder, sources_digest
from experiments.datasets.image_set import MNIST, ImageArrays
from experiments.datasets.pen_strokes import REMEDY, PenStrokes, read_pen_strokes
from experiments.errors import DatasetError
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

    The training images are MNIST's, then every drawing once as it is, and then again and
    again as another hand might have drawn it (``experiments.drawings.variation``); the test
    images are MNIST's.
    """

    mnist: Source
    path: Path

    @property
    def name(self) -> str:
        """What the cache calls the set: another file of strokes is another set."""
        return f"mnist_and_pen-{self._content[:12]}"

    @property
    def fingerprint(self) -> str:
        """Differs when the file, or what draws and varies its strokes, has changed."""
        return f"{self._content} {sources_digest(_MODULES)}"

    @property
    def origin(self) -> str:
        """The file of strokes."""
        return self.path.as_uri()

    @cached_property
    def pen(self) -> PenStrokes:
        """The drawings. Raises ``DatasetError``."""
        return read_pen_strokes(self.path)

    @property
    def views(self) -> int:
        """How many images are made of each drawing, so that they are about 42 % of all.

        Fewer drawings than 3,600 stay fewer: more than 12 views would show little that is new.
        """
        wanted = _SHARE / (1 - _SHARE) * sum(MNIST.train_counts) / len(self.pen)
        return min(max(round(wanted), 1), _MOST_VIEWS)

    def rows_of(self, drawings: IntArray, *, views: int) -> IntArray:
        """Where among the training images the first ``views`` of these drawings are."""
        first = sum(MNIST.train_counts)
        return np.concatenate([first + view * len(self.pen) + drawings for view in range(views)])

    def read(self, scratch: Path | None) -> ImageArrays:
        """The images as uint8 (n, 784); drawing them takes half a minute."""
        mnist = cached(MNIST.name, self.mnist).arrays
        _LOGGER.info("Drawing the %d digits of %s %d times …", len(self.pen), self.path, self.views)
        images = np.stack([*_views(self.pen, self.views)])
        return {
            "train_images": np.concatenate([mnist["train_images"], images]),
            "train_labels": np.concatenate(
                [mnist["train_labels"], np.tile(self.pen.labels, self.views)]
            ),
            "test_images": mnist["test_images"],
            "test_labels": mnist["test_labels"],
        }

    @cached_property
    def _content(self) -> str:
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as error:
            raise DatasetError(f"{self.path} cannot be read ({error.strerror}); {REMEDY}") from None


def find_pen_strokes(path: str | None) -> Path:
    """The file of this name; without one, that in ``pen_digits/`` of the data folder.

    Raises ``DatasetError`` if there is none.
    """
    if path is not None:
        return Path(path).expanduser().absolute()
    folder = data_folder() / "pen_digits"
    found = next((folder / name for name in _FILES if (folder / name).is_file()), None)
    if found is None:
        raise DatasetError(
            f"data.pen_strokes=null: {folder} holds neither {' nor '.join(_FILES)}; {REMEDY}"
        )
    return found


def _views(pen: PenStrokes, views: int) -> Iterator[PixelArray]:
    """Every drawing as it is, then variations of every drawing; each (784,)."""
    from experiments.drawings.mnist_format import centre
    from experiments.drawings.rendering import draw
    from experiments.drawings.variation import vary  # here: data=mnist needs no Pillow

    for strokes in pen.drawings():
        yield centre(draw(strokes)).ravel()
    rng = np.random.default_rng(0)
    for _ in range(views - 1):
        for strokes in pen.drawings():
            yield vary(strokes, rng).ravel()
