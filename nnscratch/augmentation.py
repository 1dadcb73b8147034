"""Images as they might have been, too: varied anew each time that training sees them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias, final

import numpy as np

from nnscratch.typing import FloatArray

Augmentation: TypeAlias = Callable[[FloatArray, np.random.Generator], FloatArray]
"""Features (batch, features), which stay as they are -> a variation of each, (batch, features)."""


@final
@dataclass(frozen=True)
class Affine:
    """Turns, slants, stretches and moves each image by amounts of its own.

    A pixel at p, seen from the middle, gets the grey that the image has at M p + m: between
    pixels it is interpolated linearly in both directions, outside the image it is 0. The fields
    are the standard deviations of what M and m are made of. Raises ``ValueError`` for a
    negative one, and where the features are not the pixels of a square.
    """

    turn: float = 0.1  # radians
    slant: float = 0.15  # of the height, sideways
    stretch: float = 0.1  # of the logarithm of the size, in each direction by itself
    shift: float = 0.5  # pixels, in each direction by itself

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= (value := getattr(self, field.name)) < math.inf:
                raise ValueError(f"{field.name} must be 0 or a positive number, got {value}")

    def __call__(self, inputs: FloatArray, rng: np.random.Generator) -> FloatArray:
        batch, features = inputs.shape
        side = math.isqrt(features)
        if side * side != features:
            raise ValueError(f"{features} features are not the pixels of a square image")
        middle = (side - 1) / 2
        x = np.tile(np.arange(side), side) - middle  # (features,): along a row
        y = np.repeat(np.arange(side), side) - middle
        grid = np.stack([x, y]).astype(inputs.dtype)  # (2, features)
        shifts = rng.normal(middle, self.shift, (batch, 2, 1))
        sources = self._matrices(batch, rng).astype(inputs.dtype) @ grid  # (batch, 2, features)
        sources += shifts.astype(inputs.dtype)
        return _sampled(inputs.reshape(batch, side, side), sources)

    def _matrices(self, batch: int, rng: np.random.Generator) -> FloatArray:
        """M for each image: turned, then slanted, then stretched, (batch, 2, 2)."""
        turn, slant = rng.normal(0, self.turn, batch), rng.normal(0, self.slant, batch)
        width, height = np.exp(rng.normal(0, self.stretch, (2, batch)))
        cos, sin = np.cos(turn), np.sin(turn)
        rows = [
            [width * (cos + slant * sin), width * (slant * cos - sin)],
            [height * sin, height * cos],
        ]
        return np.moveaxis(np.array(rows), -1, 0)


def _sampled(images: FloatArray, places: FloatArray) -> FloatArray:
    """The greys of (batch, side, side) images at places (batch, 2, n), x before y: (batch, n)."""
    batch, side, _ = images.shape
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))  # so that what lies outside is black
    width = side + 3
    places = np.clip(places + 1, 0, side + 1)
    corners = np.floor(places)
    right, down = np.moveaxis(places - corners, 1, 0)  # (batch, n): shares of the far neighbours
    column, row = np.moveaxis(corners.astype(np.intp), 1, 0)
    first = (np.arange(batch)[:, None] * width + row) * width + column  # where in flat
    flat = padded.ravel()
    upper, lower = (
        flat.take(near) * (1 - right) + flat.take(near + 1) * right
        for near in (first, first + width)
    )
    return upper * (1 - down) + lower * down
