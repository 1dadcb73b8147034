"""The facts about one unit: its name, its weights, its bias, its activation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gui.style.colormap import diverging, uniform
from gui.style.palette import Palette


@dataclass(frozen=True, eq=False)
class UnitFacts:
    """One unit. ``weights`` are arranged like the column that they come from.

    A weight is NaN where that column has no unit: at the end of a last row that is not full.
    """

    name: str
    weights: NDArray[np.floating]  # (rows, columns)
    bias: float
    activation: float | None  # None without a drawing
    caption: str

    @property
    def numbers(self) -> str:
        """Bias and activation in one line."""
        bias = f"bias {self.bias:+.3g}"
        return bias if self.activation is None else f"{bias}   activation {self.activation:.3g}"

    def picture(self, palette: Palette) -> Image.Image:
        """The weights, one pixel each."""
        exists = np.isfinite(self.weights)
        background = np.where(
            exists[..., None],
            uniform(exists.shape, palette.resting),
            uniform(exists.shape, palette.background),
        )
        return diverging(np.where(exists, self.weights, 0), palette, background)
