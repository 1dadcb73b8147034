"""The two pipelines from a drawing to what the network sees. The user chooses one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.drawing.drawing import Drawing
from gui.input.steps import Steps, published_steps, redrawn_steps
from gui.preprocessing import from_raster, redraw


@dataclass(frozen=True)
class Pipeline:
    """``image`` returns the (28, 28) image in [0, 1]; ``steps`` the way to it, step by step."""

    name: str
    image: Callable[[Drawing], NDArray[np.floating]]
    steps: Callable[[Drawing], Steps | None]
    depends_on_brush: bool  # whether a thick brush turns a small drawing into a blob


REDRAWN = Pipeline(
    "re-drawn",
    lambda drawing: redraw(drawing.paths),
    lambda drawing: redrawn_steps(drawing.paths),
    depends_on_brush=False,
)
PUBLISHED = Pipeline(
    "as inked",
    lambda drawing: from_raster(drawing.raster),
    lambda drawing: published_steps(drawing.raster),
    depends_on_brush=True,
)
