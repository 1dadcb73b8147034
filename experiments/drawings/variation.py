"""Random variations of a drawing, as another writer might have drawn it.

The strokes are varied before they are rendered. A picture that is rotated afterwards has
blurred edges; rendered strokes are always sharp.
"""

from collections.abc import Sequence

import numpy as np

from experiments.drawings.mnist_format import Picture, centre
from experiments.drawings.rendering import EXTENT, Stroke, draw
from nnscratch.typing import FloatArray

# Standard deviations, lengths as shares of the longer side.
_ROTATION = 0.12  # radians
_SHEAR = 0.2  # horizontal, as a share of the height
_ASPECT = 0.12  # of the logarithm of width : height
_SIZE = 0.06  # of the logarithm of the size in pixels
_TRANSLATION = 0.03  # of each stroke
_AMPLITUDE = 0.035  # of each wave that bends the plane
_FREQUENCY = 5.0  # of each wave, radians along the longer side
_WAVES = 3

_PENS = (1.3, 3.2)  # pixels; every width in between is equally likely


def vary(strokes: Sequence[Stroke], rng: np.random.Generator) -> Picture:
    """One variation of at least one stroke, placed as in ``rendering.redraw``: (28, 28).

    Each stroke is translated a little. Then waves bend the plane, so strokes that touch still
    touch. Then everything is scaled, sheared and rotated.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longer = max((high - low).max(), 1e-9)
    places = [(stroke - (low + high) / 2) / longer for stroke in strokes]  # within ±½
    moved = [place + rng.normal(0, _TRANSLATION, 2) for place in places]

    waves, phases = rng.normal(0, _FREQUENCY, (2, _WAVES)), rng.uniform(0, 2 * np.pi, _WAVES)
    heights = rng.normal(0, _AMPLITUDE, (_WAVES, 2))
    bent = [place + np.sin(place @ waves + phases) @ heights for place in moved]

    matrix = _linear(*rng.normal(0, (_ASPECT, _SHEAR, _ROTATION)))
    extent, pen = EXTENT * np.exp(rng.normal(0, _SIZE)), rng.uniform(*_PENS)
    return centre(draw([place @ matrix for place in bent], extent=extent, pen=pen))


def _linear(aspect: float, shear: float, angle: float) -> FloatArray:
    """The (2, 2) matrix for points as rows."""
    cos, sin = np.cos(angle), np.sin(angle)
    scaled = np.diag([np.exp(aspect / 2), np.exp(-aspect / 2)])
    sheared = np.array([[1, 0], [shear, 1]])
    rotated = np.array([[cos, sin], [-sin, cos]])
    return scaled @ sheared @ rotated
