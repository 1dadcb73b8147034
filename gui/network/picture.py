"""The network as one picture: its stages as columns of units, joined by the strongest edges.

A column shows the outputs of a stage for the current image: amber for positive, blue for
negative, and the brighter, the closer to the largest output of the stage. An edge shows what it
adds to the logit of the answer: amber if it speaks for the answer, blue if against it. Pillow and
NumPy paint everything into images: a Tk canvas with hundreds of items would take several times as
long.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image

from gui.network.background import LABELS, NetworkBackground
from gui.network.columns import Floats, arrange
from gui.network.edge_curves import EdgeCurves, edge_curves
from gui.network.edges import Edges, ends, strongest
from gui.network.stages import stages
from gui.network.unit_facts import UnitFacts
from gui.network.units import FULL, unit_light
from gui.recognizer import Prediction
from gui.style.palette import DARK, Palette
from nnscratch import Network
from nnscratch.inspection.attribution import logit_gradients

EDGES = 150
STRIP = 100_000  # pixels of a strip at most: its light takes about two milliseconds


class Strip(NamedTuple):
    """A part of the picture with its full height, beginning at x = ``left``."""

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
        self._network, self._size = network, size
        self._field = width, height = size[0], size[1] - round(LABELS * scale)  # of units and edges
        self._stages = stages(network)
        units = [stage.linear.fan_out for stage in self._stages]
        self._columns = arrange(units, width, height, scale)
        self._background = NetworkBackground(self._columns, self._stages, size, palette, scale)
        # The edges run behind the units.
        full = unit_light(self._columns[1:], [np.ones(n) for n in units], self._field)
        self._between = 1 - full / FULL
        cuts = np.linspace(0, width, math.ceil(width * height / STRIP) + 1)
        self._cuts = list(pairwise(np.rint(cuts).astype(int).tolist()))
        colours = palette.positive, palette.negative
        # Pasting a picture through a mask takes less than half the time of pasting a colour.
        self._colours = {
            width: [Image.new("RGB", (width, height), colour) for colour in colours]
            for width in {right - left for left, right in self._cuts}
        }

    def paint(
        self, prediction: Prediction | None = None, unit: tuple[int, int] | None = None
    ) -> Image.Image:
        """The network with its activations for a prediction, or at rest; RGB.

        With ``unit`` (stage and number from 0), only the edges of this unit are shown. For an
        output unit, these are the edges that matter for its digit.
        """
        picture = Image.new("RGB", self._size)
        for left, strip in self.strips(prediction, unit):
            picture.paste(strip, (left, 0))
        return picture

    def strips(
        self, prediction: Prediction | None, unit: tuple[int, int] | None = None
    ) -> Iterator[Strip]:
        """The same picture strip by strip, from left to right.

        The curves and the light of the units are computed at once. Each strip is painted when
        the iterator is asked for it, in two or three milliseconds.
        """
        if prediction is None:
            return self._strips(self._background.at_rest)
        hidden = [prediction.activations[stage.output] for stage in self._stages[:-1]]
        shown = [*map(_scaled, hidden), prediction.probabilities]
        return self._strips(
            self._background.with_prediction(prediction.image, prediction.digit),
            self._curves(self.edges(prediction, unit)),
            unit_light(self._columns[1:], shown, self._field),
        )

    def edges(self, prediction: Prediction, unit: tuple[int, int] | None) -> list[Edges]:
        """The edges of each stage that matter most: all, or those of a unit as in ``paint``."""
        last = len(self._stages) - 1
        layer, number = unit or (last, prediction.digit)
        digit = number if layer == last else prediction.digit
        values = [prediction.image.ravel()]
        values += [prediction.activations[stage.output] for stage in self._stages[:-1]]
        gradients = logit_gradients(
            self._network, [a[None] for a in prediction.activations], np.array([digit])
        )
        each = max(EDGES // len(values), 12)
        found = []
        for at, (inputs, stage) in enumerate(zip(values, self._stages, strict=True)):
            [gradient] = gradients[stage.place]
            if layer != last:  # only what enters or leaves this unit
                gradient = _only(gradient, number) if at == layer else gradient
                inputs = _only(inputs, number) if at == layer + 1 else inputs
                inputs = inputs if at in (layer, layer + 1) else np.zeros_like(inputs)
            found.append(strongest(inputs, stage.linear.weights, gradient, each))
        return found

    def unit_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The stage and the unit at a point of the picture, both from 0; None elsewhere."""
        for layer, column in enumerate(self._columns[1:]):
            unit = column.unit_at(x, y)
            if unit is not None:
                return layer, unit
        return None

    def describe(self, layer: int, unit: int, prediction: Prediction | None) -> UnitFacts:
        """The facts about a unit."""
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
        self, background: Image.Image, edges: EdgeCurves | None = None, units: Floats | None = None
    ) -> Iterator[Strip]:
        for left, right in self._cuts:
            strip = background.crop((left, 0, right, self._size[1]))
            if edges is not None and units is not None:
                light = edges.planes(left, right, self._field[1])  # (2, height, width)
                light *= self._between[:, left:right]
                light[0] += np.maximum(units[:, left:right], 0)
                light[1] -= np.minimum(units[:, left:right], 0)
                for colour, plane in zip(self._colours[right - left], light, strict=True):
                    mask = np.minimum(plane, FULL).astype(np.uint8)
                    strip.paste(colour, mask=Image.fromarray(mask))
            yield Strip(left, strip)

    def _curves(self, found: list[Edges]) -> EdgeCurves:
        # With exponent 1 all edges are visible at once; with 2 only a few are. So 1.5.
        shares = [_scaled(edges.shares) for edges in found]
        strengths = [FULL * share * np.sqrt(np.abs(share)) for share in shares]
        places = map(ends, found, self._columns, self._columns[1:])
        return edge_curves(np.concatenate([*places], axis=1), np.concatenate(strengths))


def _only(values: Floats, number: int) -> Floats:
    """The value of one unit, and 0 for the others."""
    kept = np.zeros_like(values)
    kept[number] = values[number]
    return kept


def _scaled(values: Floats) -> Floats:
    """``values`` divided by their largest magnitude: from -1 to 1; zeros stay zeros."""
    return values / max(np.abs(values).max(initial=0), np.finfo(values.dtype).tiny)
