"""How a picture of one digit is presented to a network: as MNIST presents its own.

The digits of MNIST were scaled to fit a box of 20×20 pixels and placed on 28×28
with their centre of mass in the middle. A network that learnt from them expects
the same of a drawing, and of digits from elsewhere; both the drawing window and
the embedded data set go through here. Everything is pure: arrays in, arrays out.
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
CENTRE = (14.0, 14.0)  # 0-based (row, column): where MNIST has its centres of mass


def present(picture: Picture) -> FloatArray:
    """A picture of any size -> the (28, 28) image in [0, 1] that a network receives.

    Bounding box of the ink, scaled to fit 20×20 with its aspect ratio kept, placed
    on black, moved so that the centre of mass lies at (14, 14). A picture without
    ink gives zeros. Raises ``ValueError`` unless it is a 2-d uint8 array.
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
    """``ink`` (20×20 at most) on a black 28×28 image, its centre of mass nearest to (14, 14)."""
    top, left = (
        # A lopsided digit may want to leave the image: ink is kept before the centre is.
        int(np.clip(round(target - at), 0, SIZE - length))
        for target, at, length in zip(CENTRE, mass_of(ink), ink.shape, strict=True)
    )
    return _placed(ink, top, left)


def middle(ink: Picture) -> Picture:
    """``ink`` (28×28 at most) in the middle of a black 28×28 image, whatever its mass."""
    top, left = ((SIZE - length) // 2 for length in ink.shape)
    return _placed(ink, top, left)


def mass_of(ink: Picture) -> tuple[float, float]:
    """The centre of mass of ink that is not all black, as 0-based (row, column)."""
    rows, columns = ink.sum(axis=1, dtype=np.float64), ink.sum(axis=0, dtype=np.float64)
    moments = rows @ np.arange(len(rows)), columns @ np.arange(len(columns))
    return float(moments[0] / rows.sum()), float(moments[1] / rows.sum())


def _placed(ink: Picture, top: int, left: int) -> Picture:
    image = np.zeros((SIZE, SIZE), np.uint8)
    image[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return image
