"""A network as one picture: its layers as columns of lights, its strongest edges as threads.

A column shows what a layer put out for the current image: amber for positive, blue
for negative, bright for large beside the layer's largest. An edge carries weight ×
activation in the same colours. Pillow and NumPy paint everything into images;
a Tk canvas of hundreds of items would take several times as long.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image

from gui.network.background import LABELS, NetworkGround
from gui.network.columns import Floats, arrange, stages
from gui.network.edge_selection import ends, strongest
from gui.network.edges import Threads, threads
from gui.network.unit import UnitFacts
from gui.network.units import FULL, lamps
from gui.recognizer import Prediction
from gui.style.palette import DARK, Palette
from nnscratch import Network

EDGES = 150
STRIP = 100_000  # pixels at most, whose light takes about two milliseconds


class Strip(NamedTuple):
    """A part of the picture, as high as the whole; ``left`` is where it begins."""

    left: int
    picture: Image.Image


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
        self._size = size
        self._field = width, height = size[0], size[1] - round(LABELS * scale)  # of lights
        self._stages = stages(network)
        units = [stage.linear.fan_out for stage in self._stages]
        self._columns = arrange(units, width, height, scale)
        self._ground = NetworkGround(self._columns, self._stages, size, palette, scale)
        self._reach = [np.abs(stage.linear.weights).max(axis=1) for stage in self._stages]
        # Edges are seen between the units, behind which they run.
        full = lamps(self._columns[1:], [np.ones(n) for n in units], self._field)
        self._between = 1 - full / FULL
        cuts = np.linspace(0, width, math.ceil(width * height / STRIP) + 1)
        self._cuts = list(pairwise(np.rint(cuts).astype(int).tolist()))
        signs = palette.positive, palette.negative
        # Pasting a picture through a mask takes less than half as long as pasting a colour.
        self._colours = {
            width: [Image.new("RGB", (width, height), colour) for colour in signs]
            for width in {right - left for left, right in self._cuts}
        }

    def paint(self, prediction: Prediction | None = None) -> Image.Image:
        """The network at rest, or lit by what it made of an image; RGB."""
        picture = Image.new("RGB", self._size)
        for left, strip in self.strips(prediction):
            picture.paste(strip, (left, 0))
        return picture

    def strips(self, prediction: Prediction | None) -> Iterator[Strip]:
        """The same piece by piece, from left to right, for those who can't wait for the whole.

        What they share is laid out at once, and each is painted when it is asked for: that
        takes two or three milliseconds every time.
        """
        if prediction is None:
            return self._strips(self._ground.at_rest)
        hidden = [prediction.activations[stage.output] for stage in self._stages[:-1]]
        shown = [*map(_scaled, hidden), prediction.probabilities]
        return self._strips(
            self._ground.reading(prediction.image, prediction.digit),
            self._threads([prediction.image.ravel(), *hidden]),
            lamps(self._columns[1:], shown, self._field),
        )

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

    def _strips(
        self, ground: Image.Image, edges: Threads | None = None, units: Floats | None = None
    ) -> Iterator[Strip]:
        for left, right in self._cuts:
            strip = ground.crop((left, 0, right, self._size[1]))
            if edges is not None and units is not None:
                light = edges.planes(left, right, self._field[1])  # (2, height, width)
                light *= self._between[:, left:right]
                light[0] += np.maximum(units[:, left:right], 0)
                light[1] -= np.minimum(units[:, left:right], 0)
                for colour, plane in zip(self._colours[right - left], light, strict=True):
                    mask = np.minimum(plane, FULL).astype(np.uint8)
                    strip.paste(colour, mask=Image.fromarray(mask))
            yield Strip(left, strip)

    def _threads(self, values: list[Floats]) -> Threads:
        """Those of all stages, for what each gets, (fan_in,)."""
        each = max(EDGES // len(values), 12)
        places, strengths = [], []
        for layer, stage, reach, (start, end) in zip(
            values, self._stages, self._reach, pairwise(self._columns), strict=True
        ):
            edges = strongest(layer, stage.linear.weights, reach, each)
            carried = _scaled(edges.carried)
            # Linear, the threads are a thicket; squared, only a few are seen.
            strengths.append(FULL * carried * np.sqrt(np.abs(carried)))
            places.append(ends(edges, start, end))
        return threads(np.concatenate(places, axis=1), np.concatenate(strengths))


def _scaled(values: Floats) -> Floats:
    """``values`` beside their largest magnitude: from -1 to 1, zeros if there is nothing."""
    return values / max(np.abs(values).max(initial=0), np.finfo(values.dtype).tiny)
