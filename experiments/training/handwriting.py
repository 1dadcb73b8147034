"""The accuracy of a network on drawings by people who are not in its training data.

Their strokes are drawn on a canvas in several manners, as a user of the drawing window might.
The network gets each drawing in three ways: without preprocessing, and with each of the
window's two pipelines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from experiments.datasets.pen_strokes import PenStrokes
from experiments.drawings.mnist_format import SIZE, present
from experiments.drawings.raster import Raster, placed, rasterise
from experiments.drawings.rendering import Stroke, redraw
from nnscratch import Network
from nnscratch.data import as_features
from nnscratch.typing import FloatArray

MOST = 500
"""Drawings that are classified: a random choice, always the same. An accuracy of 90 % then has a
standard error of 1.3 points."""


@dataclass(frozen=True)
class Manner:
    """How a person draws: the longer side and the brush in canvas pixels, and where."""

    size: float
    brush: float
    corner: bool = False


MANNERS: Mapping[str, Manner] = {
    "usual": Manner(size=180, brush=20),
    "thick": Manner(size=80, brush=30),
    "corner": Manner(size=100, brush=16, corner=True),
}

Way: TypeAlias = Callable[[Sequence[Stroke], Raster], FloatArray]
"""Strokes on the canvas and their raster -> the (28, 28) image in [0, 1] for the network."""

WAYS: Mapping[str, Way] = {
    "whole_canvas": lambda strokes, raster: whole_canvas(raster),
    "published": lambda strokes, raster: present(raster),
    "redrawn": lambda strokes, raster: redraw(strokes),
}


def whole_canvas(raster: Raster) -> FloatArray:
    """The whole canvas, scaled down without any preprocessing."""
    return as_features(
        np.asarray(Image.fromarray(raster).resize((SIZE, SIZE), Image.Resampling.BOX))
    )


def accuracies(network: Network, pen: PenStrokes) -> dict[str, float]:
    """The accuracies (0–1) by their metric, ``handwriting/MANNER/WAY``."""
    chosen = np.random.default_rng(0).permutation(len(pen))[:MOST]
    drawings = [pen.drawing(position) for position in chosen]
    found = {}
    for manner in MANNERS:
        for way, inputs in views(drawings, MANNERS[manner]).items():
            answers = network.predict(inputs)
            found[f"handwriting/{manner}/{way}"] = float(np.mean(answers == pen.labels[chosen]))
    return found


def views(drawings: Sequence[Sequence[Stroke]], manner: Manner) -> dict[str, FloatArray]:
    """The inputs (drawings, 784) of a network for drawings in this manner, by way."""
    images: dict[str, list[FloatArray]] = {way: [] for way in WAYS}
    for drawing in drawings:
        strokes = placed(drawing, manner.size, width=manner.brush, corner=manner.corner)
        raster = rasterise(strokes, manner.brush)
        for way, see in WAYS.items():
            images[way].append(see(strokes, raster).ravel())
    return {way: np.stack(found) for way, found in images.items()}
