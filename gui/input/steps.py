"""The steps from a drawing to what the network sees, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.drawings import rendering
from experiments.drawings.mnist_format import Picture, centre, crop, fit_box, mass_of, middle
from experiments.drawings.raster import Raster, checked_raster, rasterise
from nnscratch.data import as_features

PATH_WIDTH = 3.0  # canvas pixels


class Box(NamedTuple):
    """The bounding box on the canvas, in pixels: the outermost pixels or points lie on it."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, eq=False)
class Steps:
    """How one drawing became one image.

    1. ``ink`` (280, 280) is the part of the drawing that counts, ``box`` its bounding box.
    2. ``fitted``, at most (20, 20), is the content of the box, scaled.
    3. ``placed`` (28, 28) has it in the middle. Its centre of mass is ``mass`` (row, column).
    4. ``image`` (28, 28) is what the network sees: the centre of mass is moved to (14, 14),
       ``mnist_format.CENTRE``.
    """

    ink: Raster
    box: Box
    fitted: Picture  # 0–255
    placed: NDArray[np.float32]  # 0–1
    mass: tuple[float, float]
    image: NDArray[np.float32]  # 0–1


def published_steps(raster: Raster) -> Steps | None:
    """The steps of ``from_raster`` for a (280, 280) raster; None without ink."""
    raster = checked_raster(raster)
    if not raster.any():
        return None
    rows, columns = np.flatnonzero(raster.any(axis=1)), np.flatnonzero(raster.any(axis=0))
    box = Box(*(float(at) for at in (columns[0], rows[0], columns[-1], rows[-1])))
    return _steps(raster, box, fit_box(crop(raster)))


def redrawn_steps(strokes: Sequence[ArrayLike]) -> Steps | None:
    """The steps of ``redraw`` for strokes in canvas pixels; None without strokes."""
    if not len(strokes):
        return None
    paths = [rendering.as_stroke(stroke) for stroke in strokes]
    points = np.concatenate(paths)
    box = Box(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    return _steps(rasterise(paths, PATH_WIDTH), box, rendering.draw(paths))


def _steps(ink: Raster, box: Box, fitted: Picture) -> Steps:
    placed, image = middle(fitted), centre(fitted)
    return Steps(ink, box, fitted, as_features(placed), mass_of(placed), as_features(image))
