"""Strokes rendered as a network receives them: with one pen, at one size.

A small digit drawn with a thick brush is a blob, and no filter can restore it. But the points of
the pen's path are known. They are scaled to MNIST's box and drawn there with a pen as thick as
MNIST's strokes. So neither the brush nor the size of the drawing matters.
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

# These values gave the best accuracy of networks trained only on MNIST, on the drawings of
# writers 1–20 of the UCI pen digits. An extent of 18 costs 2 points, 15.5 costs 1 point, and a
# pen of 2.5 costs ¾ of a point.
EXTENT = 16.5  # pixels, longer side of the path; with the pen around it, the ink fills 20
PEN = 2.0  # pixels; with the grey edges, strokes are as wide as MNIST's

_SPACING = 1.0  # pixels between points; closer points cost time and change nothing


def redraw(strokes: Sequence[ArrayLike]) -> FloatArray:
    """Strokes of any size -> the (28, 28) image in [0, 1] that a network receives.

    The path is scaled so that its longer side is 16.5 pixels, drawn with a pen of 2, and
    moved by whole pixels so that the centre of mass lies at (14, 14). No strokes give zeros.
    Raises ``ValueError`` for points of another shape, and for NaN or infinity.
    """
    if not len(strokes):
        return np.zeros((SIZE, SIZE), np.float32)
    return as_features(centre(draw([as_stroke(stroke) for stroke in strokes])))


def draw(strokes: Sequence[Stroke], *, extent: float = EXTENT, pen: float = PEN) -> Picture:
    """At least one stroke as ink in its bounding box, whose longer side is about extent + pen + 1.

    A pixel is white up to the distance pen/2 − ½ from the path and black from pen/2 + ½ on. In
    between, its grey value falls linearly.
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
    """The starts and ends of the segments of all strokes, each (segments, 2)."""
    paths = [_respaced(stroke) for stroke in strokes]
    starts = np.concatenate([path[:-1] for path in paths])
    ends = np.concatenate([path[1:] for path in paths])
    return starts.astype(np.float32), ends.astype(np.float32)


def _respaced(stroke: Stroke) -> Stroke:
    """Two or more points along the stroke in equal steps. For a dot they are equal."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], max(2, int(np.ceil(along[-1] / _SPACING)) + 1))
    return np.column_stack([np.interp(wanted, along, axis) for axis in stroke.T])


def _distance(starts: FloatArray, ends: FloatArray, height: int, width: int) -> FloatArray:
    """The distance of each pixel's centre from the nearest segment, (height, width).

    With v from the start of a segment to the pixel and d from its start to its end, the
    nearest point is at u = v·d / d·d, clipped to t in [0, 1]. The squared distance is
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
