"""The picture of a network without a prediction: dark units, labels, a digit at each output."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from gui.network.columns import Column, Floats
from gui.network.stages import Stage
from gui.network.units import unit_light
from gui.recognizer import DIGITS
from gui.style.colormap import grey
from gui.style.palette import BLACK, Palette

LABELS = 46  # height of the two lines under the columns, in pixels of a normal display

_FONTS = (14, 12, 15, 24)  # for the size of a stage, its name, a digit, the predicted digit


class NetworkBackground:
    """What lies behind the light of units and edges.

    ``columns``: that of the input, then one for each stage. ``at_rest`` is the picture without
    a prediction, of ``size`` (width, height).
    """

    def __init__(
        self,
        columns: Sequence[Column],
        stages: Sequence[Stage],
        size: tuple[int, int],
        palette: Palette,
        scale: float,
    ) -> None:
        self._columns, self._palette, self._scale = columns, palette, scale
        self._fonts = [ImageFont.load_default(pixels * scale) for pixels in _FONTS]
        self.at_rest = Image.new("RGB", size, palette.panel)
        self._paint_units()
        self._frame_pixels()
        self._label(columns[0], "784", "pixels")
        for column, stage in zip(columns[1:], stages, strict=True):
            self._label(column, f"{column.units:,}", stage.name)
        for digit in range(DIGITS):
            self._paint_digit(self.at_rest, digit, predicted=False)

    def with_prediction(self, image: Floats, digit: int) -> Image.Image:
        """The same with an image (28, 28) in the input column and the predicted digit marked."""
        picture, column = self.at_rest.copy(), self._columns[0]
        enlarged = grey(image).resize((column.width, column.height), Image.Resampling.NEAREST)
        picture.paste(enlarged, (column.left, column.top))
        self._paint_digit(picture, digit, predicted=True)
        return picture

    def _paint_units(self) -> None:
        full = [np.ones(column.units) for column in self._columns[1:]]
        mask = unit_light(self._columns[1:], full, self.at_rest.size).astype(np.uint8)
        self.at_rest.paste(ImageColor.getrgb(self._palette.resting), mask=Image.fromarray(mask))

    def _frame_pixels(self) -> None:
        column = self._columns[0]
        corner = (column.left - 1, column.top - 1)
        opposite = (column.left + column.width, column.top + column.height)
        draw = ImageDraw.Draw(self.at_rest)
        draw.rectangle((*corner, *opposite), BLACK, self._palette.border)

    def _label(self, column: Column, size: str, name: str) -> None:
        draw, x = ImageDraw.Draw(self.at_rest), column.left + column.width / 2
        y = self.at_rest.height - round(LABELS * self._scale)
        above, below = (y + line * self._scale for line in (15, 33))
        draw.text((x, above), size, self._palette.text, self._fonts[0], anchor="ms")
        draw.text((x, below), name, self._palette.dim, self._fonts[1], anchor="ms")

    def _paint_digit(self, picture: Image.Image, digit: int, *, predicted: bool) -> None:
        draw, column = ImageDraw.Draw(picture), self._columns[-1]
        scale = self._scale
        x, y = column.left + column.width + 15 * scale, float(column.centres[1][digit])
        # Not higher than a unit: a higher rectangle would cut into the digits above and below.
        half = min(12 * scale, column.pitch / 2 - 1)
        draw.rectangle((x - 10 * scale, y - half, x + 10 * scale, y + half), self._palette.panel)
        font = self._fonts[3 if predicted else 2]
        colour = self._palette.positive if predicted else self._palette.dim
        draw.text((x, y), str(digit), colour, font, anchor="mm")
