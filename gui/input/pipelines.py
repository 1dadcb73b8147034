"""The two ways from a drawing to what the network sees, one of which the window goes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.drawing.drawing import Drawing
from gui.input.steps import Steps, published_steps, redrawn_steps
from gui.preprocessing import from_raster, redraw


@dataclass(frozen=True)
class Pipeline:
    """``see`` gives the (28, 28) image in [0, 1], ``steps`` how it comes about."""

    name: str
    see: Callable[[Drawing], NDArray[np.floating]]
    steps: Callable[[Drawing], Steps | None]
    minds_the_brush: bool  # whether a thick pen spoils a small drawing


REDRAWN = Pipeline(
    "re-drawn",
    lambda drawing: redraw(drawing.paths),
    lambda drawing: redrawn_steps(drawing.paths),
    minds_the_brush=False,
)
PUBLISHED = Pipeline(
    "as inked",
    lambda drawing: from_raster(drawing.raster),
    lambda drawing: published_steps(drawing.raster),
    minds_the_brush=True,
)
