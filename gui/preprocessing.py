"""From a drawing on the canvas to what the network sees. No window is needed.

There are two pipelines. ``from_raster`` takes the ink as pixels, as the published system does.
``redraw`` draws the recorded strokes again, always with the same pen. ``gui.input.steps``
has both step by step.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.drawings.mnist_format import present
from experiments.drawings.raster import BRUSH, Raster, checked_raster, rasterise
from experiments.drawings.rendering import redraw

__all__ = ["from_raster", "from_strokes", "redraw"]


def from_raster(raster: Raster) -> NDArray[np.float32]:
    """The (28, 28) image in [0, 1] that a network sees of a drawing; zeros without ink.

    Raises ``ValueError`` unless ``raster`` is a (280, 280) uint8 array.
    """
    return present(checked_raster(raster))


def from_strokes(strokes: Sequence[ArrayLike], width: float = BRUSH) -> NDArray[np.float32]:
    """The same for strokes, each (n, 2) points in canvas pixels, drawn ``width`` pixels wide.

    Raises ``ValueError`` for points of another shape or with coordinates that are not finite.
    """
    return from_raster(rasterise(strokes, width))
