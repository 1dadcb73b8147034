"""Augmentation: each image is varied differently every time that training uses it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias, final

import numpy as np

from nnscratch.checks import check_not_negative
from nnscratch.typing import FloatArray

Augmentation: TypeAlias = Callable[[FloatArray, np.random.Generator], FloatArray]
"""Features (batch, features) -> varied features of the same shape; the given ones don't change."""


@final
@dataclass(frozen=True)
class Affine:
    """Rotates, shears, scales and translates each image by random amounts of its own.

    A pixel at p, relative to the centre, gets the grey value of the image at M p + m. Between
    pixels it is interpolated linearly in both directions; outside the image it is 0. The fields
    are the standard deviations of the amounts that make up M and m.
    """

    rotation: float = 0.1  # radians
    shear: float = 0.15  # horizontal, as a share of the height
    scale: float = 0.1  # of the logarithm of the size, independent in each direction
    translation: float = 0.5  # pixels, independent in each direction

    def __post_init__(self) -> None:
        for field in fields(self):
            check_not_negative(field.name, getattr(self, field.name))

    def __call__(self, inputs: FloatArray, rng: np.random.Generator) -> FloatArray:
        batch, features = inputs.shape
        side = math.isqrt(features)
        if side * side != features:
            raise ValueError(f"{features} features are not the pixels of a square image")
        middle = (side - 1) / 2
        x = np.tile(np.arange(side), side) - middle  # (features,): along a row
        y = np.repeat(np.arange(side), side) - middle
        grid = np.stack([x, y]).astype(inputs.dtype)  # (2, features)
        shifts = rng.normal(middle, self.translation, (batch, 2, 1))
        sources = self._matrices(batch, rng).astype(inputs.dtype) @ grid  # (batch, 2, features)
        sources += shifts.astype(inputs.dtype)
        return _sampled(inputs.reshape(batch, side, side), sources)

    def _matrices(self, batch: int, rng: np.random.Generator) -> FloatArray:
        """M for each image: rotated, then sheared, then scaled, (batch, 2, 2)."""
        angle, shear = rng.normal(0, self.rotation, batch), rng.normal(0, self.shear, batch)
        width, height = np.exp(rng.normal(0, self.scale, (2, batch)))
        cos, sin = np.cos(angle), np.sin(angle)
        rows = [
            [width * (cos + shear * sin), width * (shear * cos - sin)],
            [height * sin, height * cos],
        ]
        return np.moveaxis(np.array(rows), -1, 0)


def _sampled(images: FloatArray, places: FloatArray) -> FloatArray:
    """The grey values of (batch, side, side) images at (batch, 2, n), x before y: (batch, n)."""
    batch, side, _ = images.shape
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))  # black outside
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
