"""The input of the network, a drawing or a test image, and how it is shown."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gui.drawing.drawing import Drawing
from gui.input.pipelines import PUBLISHED, REDRAWN
from gui.input.steps_picture import steps_picture
from gui.input.why import why
from gui.prediction.notes import too_thick
from gui.recognizer import Prediction, Recognizer
from gui.style.colormap import grey
from gui.style.palette import DARK
from gui.test_images.gallery import TestImage

View: TypeAlias = Literal["pixels", "why", "steps"]


class NetworkInput:
    """The drawing; while it is empty, ``test_image`` takes its place, if there is one.

    ``view`` says what the input panel shows: the plain pixels, why, or the steps.
    """

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.test_image: TestImage | None = None
        self.pipeline = REDRAWN
        self.view: View = "pixels"

    def toggle(self, view: View) -> None:
        """Shows the attribution or the steps instead of the pixels, or the pixels again."""
        self.view = "pixels" if self.view == view else view

    def toggle_pipeline(self) -> None:
        """Changes from the re-drawn strokes to the published pipeline, or back."""
        self.pipeline = PUBLISHED if self.pipeline is REDRAWN else REDRAWN

    @property
    def image(self) -> NDArray[np.floating] | None:
        """What the network sees, (28, 28) in [0, 1]; None without a drawing or a test image."""
        if not self.drawing.empty:
            return self.pipeline.image(self.drawing)
        return None if self.test_image is None else self.test_image.image

    @property
    def hint(self) -> str:
        """A short remark on the input, or an empty text."""
        if self.drawing.empty and self.test_image is not None:
            return f"the label says {self.test_image.label}"
        return too_thick(self.drawing) if self.pipeline.depends_on_brush else ""

    @property
    def original(self) -> Image.Image:
        """The drawing or the test image before any preprocessing, as a grey picture."""
        if self.drawing.empty and self.test_image is not None:
            return grey(self.test_image.image)
        return Image.fromarray(self.drawing.raster)

    def picture(
        self, recognizer: Recognizer, prediction: Prediction | None, side: int, scale: float
    ) -> Image.Image:
        """The square picture for the input panel, whose side is ``side`` pixels long.

        ``scale``: how many of these pixels make one of a normal display. The input is white
        on black in both palettes, so the colours over it are always those of the dark one.
        """
        if prediction is None:
            return grey(np.zeros((1, 1)))
        steps = self.pipeline.steps(self.drawing) if self.view == "steps" else None
        if steps is not None:
            return steps_picture(steps, side, DARK, scale)
        return why(recognizer, prediction, DARK) if self.view == "why" else grey(prediction.image)
