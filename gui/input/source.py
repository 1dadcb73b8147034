"""What is looked at, a drawing or a test image, and the way in which it is shown."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gui.drawing.drawing import Drawing
from gui.input.pipelines import PUBLISHED, REDRAWN
from gui.input.steps_picture import steps_picture
from gui.input.why import why
from gui.prediction.notes import too_thick
from gui.prediction.reader import Reader
from gui.recognizer import Prediction
from gui.style.palette import DARK
from gui.style.signs import grey
from gui.test_images.gallery import Exhibit


class Subject:
    """A drawing; while that is empty, ``exhibit``, if there is one, stands in its place.

    ``why`` and ``steps`` say what the middle panel shows instead of plain pixels.
    """

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.exhibit: Exhibit | None = None
        self.pipeline = REDRAWN
        self.why = self.steps = False

    def toggle_why(self) -> None:
        """Reasons instead of pixels, or no longer."""
        self.why, self.steps = not self.why, False

    def toggle_steps(self) -> None:
        """Steps instead of pixels, or no longer."""
        self.why, self.steps = False, not self.steps

    def toggle_pipeline(self) -> None:
        """From re-drawn strokes to the published pixels, or back."""
        self.pipeline = PUBLISHED if self.pipeline is REDRAWN else REDRAWN

    @property
    def image(self) -> NDArray[np.floating] | None:
        """What the network sees, (28, 28) in [0, 1]; None where there is nothing."""
        if not self.drawing.empty:
            return self.pipeline.see(self.drawing)
        return None if self.exhibit is None else self.exhibit.image

    @property
    def hint(self) -> str:
        """What to mind about it, in a few words, if anything."""
        if self.drawing.empty and self.exhibit is not None:
            return f"the label says {self.exhibit.label}"
        return too_thick(self.drawing) if self.pipeline.minds_the_brush else ""

    @property
    def drawn(self) -> Image.Image:
        """The drawing, or what stands in its place, as a grey picture."""
        if self.drawing.empty and self.exhibit is not None:
            return grey(self.exhibit.image)
        return Image.fromarray(self.drawing.raster)

    def seen(
        self, reader: Reader, prediction: Prediction | None, side: int, scale: float
    ) -> Image.Image:
        """The square picture for the middle panel, which is ``side`` pixels on a side.

        ``scale``: how many of them make a pixel of a normal display. Ink is white on black,
        so its colours are the dark ones whatever the window wears.
        """
        if prediction is None:
            return grey(np.zeros((1, 1)))
        steps = self.pipeline.steps(self.drawing) if self.steps else None
        if steps is not None:
            return steps_picture(steps, side, DARK, scale)
        return why(reader.recognizer, prediction, DARK) if self.why else grey(prediction.image)
