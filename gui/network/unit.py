"""What there is to tell about one unit: where it stands, what it listens to, what it puts out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gui.style import signs
from gui.style.palette import Palette


@dataclass(frozen=True, eq=False)
class UnitFacts:
    """One unit. ``weights``: those of its inputs, arranged as these are in the picture.

    Where no input belongs (the end of a ragged grid) a weight is NaN.
    """

    name: str
    weights: NDArray[np.floating]  # (rows, columns)
    bias: float
    activation: float | None  # None without a drawing
    caption: str

    @property
    def numbers(self) -> str:
        """Bias and activation in a line."""
        bias = f"bias {self.bias:+.3g}"
        return bias if self.activation is None else f"{bias}   activation {self.activation:.3g}"

    def picture(self, palette: Palette) -> Image.Image:
        """The weights, a pixel each."""
        there = np.isfinite(self.weights)
        ground = np.where(
            there[..., None],
            signs.plain(there.shape, palette.resting),
            signs.plain(there.shape, palette.background),
        )
        return signs.coloured(np.where(there, self.weights, 0), palette, ground)
