"""A drawing as another hand, or the same hand at another time, might have drawn it.

Strokes are varied before a pen draws them: a picture that is turned or thinned afterwards
has blurred edges, strokes stay as sharp as they were.
"""

from collections.abc import Sequence

import numpy as np

from experiments.drawings.mnist_format import Picture, centre
from experiments.drawings.rendering import EXTENT, Stroke, draw
from nnscratch.typing import FloatArray

# Standard deviations, lengths as shares of the longer side.
_TURN = 0.12  # radians
_SLANT = 0.2  # of the height, sideways
_STRETCH = 0.12  # of the logarithm of width : height
_SIZE = 0.06  # of the logarithm of the size on the grid
_PLACE = 0.03  # of each stroke
_BEND = 0.035  # of each of the waves that bend the plane
_WAVE = 5.0  # radians along the longer side: how many waves lie along it
_WAVES = 3

_PENS = (1.3, 3.2)  # pixels, any width in between


def vary(strokes: Sequence[Stroke], rng: np.random.Generator) -> Picture:
    """One variation of at least one stroke, placed as ``rendering.redraw`` does: (28, 28).

    Every stroke moves a little by itself; then waves bend the plane, so that what touched
    still touches; then all is stretched, slanted and turned.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = max((high - low).max(), 1e-9)
    places = [(stroke - (low + high) / 2) / longer for stroke in strokes]  # within ±½
    moved = [place + rng.normal(0, _PLACE, 2) for place in places]

    waves, phases = rng.normal(0, _WAVE, (2, _WAVES)), rng.uniform(0, 2 * np.pi, _WAVES)
    heights = rng.normal(0, _BEND, (_WAVES, 2))
    bent = [place + np.sin(place @ waves + phases) @ heights for place in moved]

    matrix = _linear(*rng.normal(0, (_STRETCH, _SLANT, _TURN)))
    extent, pen = EXTENT * np.exp(rng.normal(0, _SIZE)), rng.uniform(*_PENS)
    return centre(draw([place @ matrix for place in bent], extent=extent, pen=pen))


def _linear(stretch: float, slant: float, turn: float) -> FloatArray:
    """The (2, 2) matrix for points as rows."""
    stretched = np.diag([np.exp(stretch / 2), np.exp(-stretch / 2)])
    slanted = np.array([[1, 0], [slant, 1]])
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return stretched @ slanted @ turned
