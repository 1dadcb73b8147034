"""Numbers in the cells of a table: matplotlib takes a millisecond for each text, and none of these.

All numbers of one colour are one shape, put together from the outlines of the ten digits.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath, TextToPath

_FONT = FontProperties(size=1)  # the outlines are made to measure afterwards


def cell_numbers(numbers: Mapping[tuple[float, float], int], size: float, colour: str) -> PathPatch:
    """What ``Axes.add_artist`` puts into a table: each number in the middle of (row, column).

    Whole numbers, 0 or more; ``size`` is that of the font, where a cell is 1 high.
    """
    width, height = _digit_size()
    outlines = []
    for (row, column), number in numbers.items():
        digits = str(number)
        left = column - size * width * len(digits) / 2
        base = row + size * height / 2
        for place, digit in enumerate(digits):
            outline = _digit(digit)
            # The rows are counted downwards.
            vertices = np.asarray(outline.vertices) * (size, -size)
            vertices += left + size * width * place, base
            outlines.append(Path(vertices, outline.codes))
    return PathPatch(Path.make_compound_path(*outlines), facecolor=colour, linewidth=0)


@cache
def _digit(digit: str) -> Path:
    return TextPath((0, 0), digit, prop=_FONT)


@cache
def _digit_size() -> tuple[float, float]:
    """How wide all digits are, and how high one is that stands on the line."""
    width, height, _ = TextToPath().get_text_width_height_descent("1", _FONT, ismath=False)
    return width, height
