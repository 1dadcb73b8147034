"""The way from a drawing to what the network sees, one step after the other, to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.drawings import rendering
from experiments.drawings.mnist_format import Picture, centre, crop, fit_box, mass_of, middle
from gui.preprocessing import Raster, checked_raster, rasterise
from nnscratch.data import as_features

TRACE = 3.0  # canvas pixels: how wide the path of the pen is shown


class Box(NamedTuple):
    """A rectangle on the canvas, in its pixels; all four lie on the outermost pixels or points."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, eq=False)
class Steps:
    """How one drawing became one image.

    ``ink`` (280, 280): what of the drawing counts; ``box``: its bounding box;
    ``fitted`` (20, 20) at most: the ink in the box, scaled; ``placed`` (28, 28): that in the
    middle of the image, with its centre of mass at ``mass`` (row, column), which is then moved
    to ``mnist_format.CENTRE``, (14, 14); ``image`` (28, 28): what the network sees.
    """

    ink: Raster
    box: Box
    fitted: Picture  # 0–255
    placed: NDArray[np.float32]  # 0–1
    mass: tuple[float, float]
    image: NDArray[np.float32]  # 0–1


def published_steps(raster: Raster) -> Steps | None:
    """What ``from_raster`` does with a (280, 280) raster; None without ink."""
    raster = checked_raster(raster)
    if not raster.any():
        return None
    rows, columns = np.flatnonzero(raster.any(axis=1)), np.flatnonzero(raster.any(axis=0))
    box = Box(*(float(at) for at in (columns[0], rows[0], columns[-1], rows[-1])))
    return _steps(raster, box, fit_box(crop(raster)))


def redrawn_steps(strokes: Sequence[ArrayLike]) -> Steps | None:
    """What ``redraw`` does with strokes in canvas pixels; None without any."""
    if not len(strokes):
        return None
    paths = [rendering.as_stroke(stroke) for stroke in strokes]
    points = np.concatenate(paths)
    box = Box(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    return _steps(rasterise(paths, TRACE), box, rendering.draw(paths))


def _steps(ink: Raster, box: Box, fitted: Picture) -> Steps:
    placed, image = middle(fitted), centre(fitted)
    return Steps(ink, box, fitted, as_features(placed), mass_of(placed), as_features(image))
