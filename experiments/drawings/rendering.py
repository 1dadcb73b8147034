"""Strokes drawn anew with one pen: what a network receives for a drawing whose points are known.

Pixels can't undo a thick brush: a small digit drawn with it is a blob. The points that the
pen went through can. They are scaled to MNIST's box and drawn there with a pen as thick as
MNIST's, so that neither the brush nor the size of the drawing matters any more.
Everything is pure: arrays in, arrays out.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from experiments.drawings.mnist_format import SIZE, Picture, centre
from nnscratch.data import as_features
from nnscratch.typing import FloatArray

Stroke: TypeAlias = FloatArray
"""The points that a pen went through from down to up, (n, 2): x to the right, y down."""

# With these two, networks that learnt MNIST alone read most of what writers 1–20 of the UCI
# pen digits wrote: 18 or 15.5 instead of 16.5 loses 2 points or 1, a pen of 2.5 instead of 2
# three quarters of one.
EXTENT = 16.5  # pixels, the longer side of the path; with the pen around it, the ink fills 20
PEN = 2.0  # pixels; grey edges included, strokes are as wide as MNIST's

_SPACING = 1.0  # pixels between points; closer ones cost time and change nothing


def redraw(strokes: Sequence[ArrayLike]) -> FloatArray:
    """Strokes of any size -> the (28, 28) image in [0, 1] that a network receives.

    The path is scaled so that its longer side is 16.5 pixels, drawn with a pen of 2, and
    moved by whole pixels so that the centre of mass lies at (14, 14). No strokes give zeros.
    Raises ``ValueError`` for points of another shape or without a place.
    """
    if not len(strokes):
        return np.zeros((SIZE, SIZE), np.float32)
    return as_features(centre(draw([as_stroke(stroke) for stroke in strokes])))


def draw(strokes: Sequence[Stroke], *, extent: float = EXTENT, pen: float = PEN) -> Picture:
    """The ink of at least one stroke, and its box: its longer side is extent + pen + 1 at most.

    A pixel at distance e from the path is white up to pen/2 − ½, black from pen/2 + ½ on,
    and grey in between, in proportion.
    """
    points = np.concatenate(strokes)
    corner = points.min(axis=0)
    size = points.max(axis=0) - corner  # (x, y)
    scale = extent / max(size.max(), 1e-9)
    width, height = np.ceil(size * scale + pen + 1).astype(int)
    margin = (np.array([width, height]) - 1 - size * scale) / 2
    starts, ends = _segments([(stroke - corner) * scale + margin for stroke in strokes])
    ink = (pen / 2 + 0.5 - _distance(starts, ends, height, width)).clip(0, 1)
    return np.rint(ink * 255).astype(np.uint8)


def as_stroke(points: ArrayLike) -> Stroke:
    """``points`` as an array (n, 2) of finite numbers, at least one; ``ValueError`` otherwise."""
    stroke = np.asarray(points, np.float64)
    if stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
        raise ValueError(f"a stroke must be (n, 2) points, got an array of shape {stroke.shape}")
    if not np.isfinite(stroke).all():
        raise ValueError("a stroke has a point that is not a finite number")
    return stroke


def _segments(strokes: Sequence[Stroke]) -> tuple[FloatArray, FloatArray]:
    """Where the segments of all strokes start and end, each (segments, 2)."""
    paths = [_respaced(stroke) for stroke in strokes]
    starts = np.concatenate([path[:-1] for path in paths])
    ends = np.concatenate([path[1:] for path in paths])
    return starts.astype(np.float32), ends.astype(np.float32)


def _respaced(stroke: Stroke) -> Stroke:
    """Points along the stroke in equal steps, two or more; those of a dot are equal."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], max(2, int(np.ceil(along[-1] / _SPACING)) + 1))
    return np.column_stack([np.interp(wanted, along, axis) for axis in stroke.T])


def _distance(starts: FloatArray, ends: FloatArray, height: int, width: int) -> FloatArray:
    """How far each pixel's centre is from the nearest segment, (height, width).

    With v from the start of a segment to the pixel and d from its start to its end, the
    nearest point is at u = v·d / d·d, cut to t in [0, 1], and the square of the distance
    |v − t d|² = v·v + d·d t (t − 2u).
    """
    run = ends - starts
    square = np.maximum((run**2).sum(axis=1), 1e-9)[:, None, None]  # (segments, 1, 1)
    x = np.arange(width, dtype=np.float32) - starts[:, :1]  # (segments, width)
    y = np.arange(height, dtype=np.float32) - starts[:, 1:]  # (segments, height)
    u = (x * run[:, :1])[:, None, :] + (y * run[:, 1:])[:, :, None]  # (segments, height, width)
    u /= square
    t = u.clip(0, 1)
    u *= -2
    u += t
    u *= t
    u *= square
    u += (x**2)[:, None, :]
    u += (y**2)[:, :, None]
    return np.sqrt(u.min(axis=0).clip(0))
