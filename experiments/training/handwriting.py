"""How much a network reads of what people draw whom no training has seen.

Their strokes are drawn on a canvas in several manners, as somebody might in the drawing window,
and each drawing is shown to the network in three ways: one without any preprocessing, and the
two that the window knows.
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
"""So many drawings are read, chosen at random and always the same: 90 % has a standard error of
1.3 points."""


@dataclass(frozen=True)
class Manner:
    """How large (the longer side, in canvas pixels), with which brush, and where."""

    size: float
    brush: float
    corner: bool = False


MANNERS: Mapping[str, Manner] = {
    "usual": Manner(size=180, brush=20),
    "thick": Manner(size=80, brush=30),
    "corner": Manner(size=100, brush=16, corner=True),
}

Way: TypeAlias = Callable[[Sequence[Stroke], Raster], FloatArray]
"""Strokes on the canvas, and their ink -> the (28, 28) image in [0, 1] that a network receives."""

WAYS: Mapping[str, Way] = {
    "whole_canvas": lambda strokes, raster: whole_canvas(raster),
    "published": lambda strokes, raster: present(raster),
    "redrawn": lambda strokes, raster: redraw(strokes),
}


def whole_canvas(raster: Raster) -> FloatArray:
    """The whole canvas made smaller: the way of those who have no preprocessing."""
    return as_features(
        np.asarray(Image.fromarray(raster).resize((SIZE, SIZE), Image.Resampling.BOX))
    )


def reading(network: Network, pen: PenStrokes) -> dict[str, float]:
    """The share of drawings (0–1) that is read right, as ``handwriting/MANNER/WAY``."""
    chosen = np.random.default_rng(0).permutation(len(pen))[:MOST]
    drawings = [pen.drawing(position) for position in chosen]
    found = {}
    for manner in MANNERS:
        images = views(drawings, MANNERS[manner])
        for way, inputs in images.items():
            answers = network.predict(inputs)
            found[f"handwriting/{manner}/{way}"] = float(np.mean(answers == pen.labels[chosen]))
    return found


def views(drawings: Sequence[Sequence[Stroke]], manner: Manner) -> dict[str, FloatArray]:
    """What a network receives of the drawings in this manner, by way: (drawings, 784)."""
    images: dict[str, list[FloatArray]] = {way: [] for way in WAYS}
    for drawing in drawings:
        strokes = placed(drawing, manner.size, width=manner.brush, corner=manner.corner)
        raster = rasterise(strokes, manner.brush)
        for way, see in WAYS.items():
            images[way].append(see(strokes, raster).ravel())
    return {way: np.stack(found) for way, found in images.items()}
