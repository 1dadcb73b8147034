"""A network as one picture: its layers as columns of lights, its strongest edges as threads.

A column shows what a layer put out for the current image: amber for positive, blue
for negative, bright for large beside the layer's largest. An edge carries weight ×
activation in the same colours. Pillow and NumPy paint everything into one image;
a Tk canvas of hundreds of items would take several times as long.
"""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from gui.network_edges import ends, strongest, thread
from gui.network_layout import Column, Floats, arrange, stages
from gui.palette import BLACK, DARK, Palette
from gui.recognizer import DIGITS, Prediction
from gui.unit import UnitFacts
from nnscratch import Network

EDGES = 150
FULL = 255  # light at which a pixel has the colour of its sign
LABELS = 46  # pixels of a normal display beneath the columns, for two lines each

_FONTS = (14, 12, 15, 24)  # of a layer's size, its name, a digit and the best one


class NetworkPicture:
    """Paints one network at one size, (width, height) in pixels.

    ``scale``: how many pixels of this display make one of a normal one.
    """

    def __init__(
        self,
        network: Network,
        size: tuple[int, int],
        palette: Palette = DARK,
        scale: float = 1,
    ) -> None:
        self._size, self._palette, self._scale = size, palette, scale
        self._fonts = [ImageFont.load_default(pixels * scale) for pixels in _FONTS]
        self._field = (size[0], size[1] - round(LABELS * scale))  # where there are lights
        self._stages = stages(network)
        units = [stage.linear.fan_out for stage in self._stages]
        self._columns = arrange(units, *self._field, scale)
        self._reach = [np.abs(stage.linear.weights).max(axis=1) for stage in self._stages]
        lamps = np.zeros(self._field[::-1], np.float32)
        for column in self._columns[1:]:
            _lamps(lamps, column, np.ones(column.units))
        self._between = 1 - lamps / FULL  # where edges are seen: they run behind the units
        self._resting = self._paint_resting(lamps)
        # Kept from one picture to the next: the allocator gives such large pieces back to
        # the system, and fetching them again page by page took longer than the painting.
        self._planes = np.zeros((2, self._field[1], self._field[0]), np.float32)
        # Pasting a picture through a mask takes 0.8 ms, pasting a colour 2 ms.
        self._positive = Image.new("RGB", self._field, self._palette.positive)
        self._negative = Image.new("RGB", self._field, self._palette.negative)

    def paint(
        self, image: Floats | None = None, prediction: Prediction | None = None
    ) -> Image.Image:
        """The network at rest, or lit by what it made of ``image``, (28, 28); RGB."""
        picture = self._resting.copy()
        if image is not None and prediction is not None:
            _show_pixels(picture, self._columns[0], image)
            self._light(picture, image, prediction)
            self._read_out(picture, prediction.digit, best=True)
        return picture

    def unit_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The layer and the unit at a point of the picture, both from 0, if there is one."""
        for layer, column in enumerate(self._columns[1:]):
            unit = column.unit_at(x, y)
            if unit is not None:
                return layer, unit
        return None

    def describe(self, layer: int, unit: int, prediction: Prediction | None) -> UnitFacts:
        """A unit with its incoming weights, arranged like the column that they come from."""
        stage, before = self._stages[layer], self._columns[layer]
        weights = np.full(before.rows * before.columns, np.nan)
        weights[: before.units] = stage.linear.weights[:, unit]
        last = layer == len(self._stages) - 1
        activation = None
        if prediction is not None:
            outputs = prediction.probabilities if last else prediction.activations[stage.output]
            activation = float(outputs[unit])
        return UnitFacts(
            name=f"digit {unit}" if last else f"layer {layer + 1}, unit {unit + 1}",
            weights=weights.reshape(before.rows, before.columns),
            bias=float(stage.linear.biases[unit]),
            activation=activation,
            caption="its weights from the pixels"
            if layer == 0
            else f"its weights from the {before.units:,} units before",
        )

    def _light(self, picture: Image.Image, image: Floats, prediction: Prediction) -> None:
        positive, negative = planes = self._planes
        planes.fill(0)
        values = [image.ravel(), *(prediction.activations[s.output] for s in self._stages[:-1])]
        self._lay_edges(planes, values)
        planes *= self._between
        shown = [*map(_scaled, values[1:]), prediction.probabilities]
        for column, layer in zip(self._columns[1:], shown, strict=True):
            _lamps(positive, column, np.maximum(layer, 0))
            _lamps(negative, column, np.maximum(-layer, 0))
        picture.paste(self._positive, mask=_mask(positive))
        picture.paste(self._negative, mask=_mask(negative))

    def _lay_edges(self, planes: Floats, values: list[Floats]) -> None:
        each = max(EDGES // len(values), 12)
        for layer, stage, reach, (start, end) in zip(
            values, self._stages, self._reach, pairwise(self._columns), strict=True
        ):
            edges = strongest(layer, stage.linear.weights, reach, each)
            # Linear, the threads are a thicket; squared, only a few are seen.
            strength = _scaled(edges.carried) * np.sqrt(np.abs(_scaled(edges.carried)))
            thread(planes, ends(edges, start, end), FULL * strength)

    def _paint_resting(self, lamps: Floats) -> Image.Image:
        picture = Image.new("RGB", self._size, self._palette.panel)
        picture.paste(ImageColor.getrgb(self._palette.resting), mask=_mask(lamps))
        _frame(picture, self._columns[0], self._palette.border)
        self._label(picture, self._columns[0], "784", "pixels")
        for column, stage in zip(self._columns[1:], self._stages, strict=True):
            self._label(picture, column, f"{column.units:,}", stage.name)
        for digit in range(DIGITS):
            self._read_out(picture, digit, best=False)
        return picture

    def _label(self, picture: Image.Image, column: Column, size: str, name: str) -> None:
        draw, x, y = ImageDraw.Draw(picture), column.left + column.width / 2, self._field[1]
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


def _lamps(plane: Floats, column: Column, brightness: Floats) -> None:
    """Lights the units of ``column`` in ``plane``, brightness (units,) from 0 to 1."""
    cells = np.zeros(column.rows * column.columns, np.float32)
    cells[: column.units] = FULL * brightness
    cells = cells.reshape(column.rows, 1, column.columns, 1)
    grid = (cells * _lamp(column.pitch)[:, None, :]).reshape(column.height, column.width)
    area = plane[column.top :, column.left :][: column.height, : column.width]
    area += grid


def _lamp(pitch: int) -> Floats:
    """The light of one unit, (pitch, pitch): round, or where it is tiny a square."""
    if pitch < 5:
        side = np.arange(pitch) < max(pitch - 1, 1)
        return np.outer(side, side).astype(np.float32)
    away = np.arange(pitch, dtype=np.float32) - (pitch - 1) / 2
    return np.clip(0.43 * pitch + 0.5 - np.hypot(away, away[:, None]), 0, 1)


def _scaled(values: Floats) -> Floats:
    """``values`` beside their largest magnitude: from -1 to 1, zeros if there is nothing."""
    return values / max(np.abs(values).max(initial=0), np.finfo(values.dtype).tiny)


def _mask(light: Floats) -> Image.Image:
    return Image.fromarray(np.minimum(light, FULL, out=light).astype(np.uint8))


def _show_pixels(picture: Image.Image, column: Column, image: Floats) -> None:
    pixels = Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8))
    enlarged = pixels.resize((column.width, column.height), Image.Resampling.NEAREST)
    picture.paste(enlarged, (column.left, column.top))


def _frame(picture: Image.Image, column: Column, colour: str) -> None:
    corner = (column.left - 1, column.top - 1)
    opposite = (column.left + column.width, column.top + column.height)
    ImageDraw.Draw(picture).rectangle((*corner, *opposite), BLACK, colour)
