"""A network at rest: its units unlit, what its columns are called, a digit beside every output."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from gui.network.columns import Column, Floats, Stage
from gui.network.units import lamps
from gui.recognizer import DIGITS
from gui.style.palette import BLACK, Palette
from gui.style.signs import grey

LABELS = 46  # pixels of a normal display beneath the columns, for two lines each

_FONTS = (14, 12, 15, 24)  # of a layer's size, its name, a digit and the best one


class NetworkGround:
    """What is painted before any light; ``columns`` are the input's and one for each stage.

    ``at_rest`` is the whole of it, ``size`` pixels large.
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
        self._paint_lamps()
        self._frame_pixels()
        self._label(columns[0], "784", "pixels")
        for column, stage in zip(columns[1:], stages, strict=True):
            self._label(column, f"{column.units:,}", stage.name)
        for digit in range(DIGITS):
            self._read_out(self.at_rest, digit, best=False)

    def reading(self, image: Floats, digit: int) -> Image.Image:
        """The same with an image (28, 28) at the input and the digit it was taken for."""
        picture, column = self.at_rest.copy(), self._columns[0]
        enlarged = grey(image).resize((column.width, column.height), Image.Resampling.NEAREST)
        picture.paste(enlarged, (column.left, column.top))
        self._read_out(picture, digit, best=True)
        return picture

    def _paint_lamps(self) -> None:
        full = [np.ones(column.units) for column in self._columns[1:]]
        mask = lamps(self._columns[1:], full, self.at_rest.size).astype(np.uint8)
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

    def _read_out(self, picture: Image.Image, digit: int, *, best: bool) -> None:
        draw, column = ImageDraw.Draw(picture), self._columns[-1]
        scale = self._scale
        x, y = column.left + column.width + 15 * scale, float(column.centres[1][digit])
        # No taller than the unit, or it would cut into the digits above and below.
        half = min(12 * scale, column.pitch / 2 - 1)
        draw.rectangle((x - 10 * scale, y - half, x + 10 * scale, y + half), self._palette.panel)
        font = self._fonts[3 if best else 2]
        colour = self._palette.positive if best else self._palette.dim
        draw.text((x, y), str(digit), colour, font, anchor="mm")
