"""A picture of one digit in MNIST's format.

The digits of MNIST were scaled to fit a box of 20×20 pixels and placed on 28×28
with their centre of mass in the middle. A network trained on them expects the same
of all other digits. The drawing window and ``data=digits`` use this module.
Everything is pure: arrays in, arrays out.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nnscratch.data import as_features
from nnscratch.typing import FloatArray

Picture: TypeAlias = NDArray[np.uint8]
"""White ink on black, 0–255, (height, width)."""

SIZE = 28
BOX = 20
CENTRE = (14.0, 14.0)  # 0-based (row, column) of the centre of mass in MNIST


def present(picture: Picture) -> FloatArray:
    """A picture of any size -> the (28, 28) image in [0, 1] that a network receives.

    The bounding box of the ink is scaled to fit 20×20 with the same aspect ratio and placed on
    black, with the centre of mass at (14, 14). A picture without ink gives zeros. Raises
    ``ValueError`` unless it is a 2-d uint8 array.
    """
    if picture.ndim != 2 or picture.dtype != np.uint8:
        raise ValueError(
            f"a picture must be a 2-d uint8 array, got {picture.dtype} of shape {picture.shape}"
        )
    if not picture.any():
        return np.zeros((SIZE, SIZE), np.float32)
    return as_features(centre(fit_box(crop(picture))))


def crop(picture: Picture) -> Picture:
    """The bounding box of the ink."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit_box(ink: Picture) -> Picture:
    """``ink`` scaled so that its longer side is 20 pixels."""
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.LANCZOS))


def centre(ink: Picture) -> Picture:
    """``ink`` (at most 20×20) on a black 28×28 image, its centre of mass close to (14, 14)."""
    top, left = (
        # All ink stays in the image, even if the centre of mass cannot reach (14, 14).
        int(np.clip(round(target - at), 0, SIZE - length))
        for target, at, length in zip(CENTRE, mass_of(ink), ink.shape, strict=True)
    )
    return _placed(ink, top, left)


def middle(ink: Picture) -> Picture:
    """``ink`` (at most 28×28) on a black 28×28 image, its bounding box in the middle."""
    top, left = ((SIZE - length) // 2 for length in ink.shape)
    return _placed(ink, top, left)


def mass_of(ink: Picture) -> tuple[float, float]:
    """The centre of mass as 0-based (row, column); ``ink`` must not be all black."""
    rows, columns = ink.sum(axis=1, dtype=np.float64), ink.sum(axis=0, dtype=np.float64)
    moments = rows @ np.arange(len(rows)), columns @ np.arange(len(columns))
    return float(moments[0] / rows.sum()), float(moments[1] / rows.sum())


def _placed(ink: Picture, top: int, left: int) -> Picture:
    image = np.zeros((SIZE, SIZE), np.uint8)
    image[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return image
