"""Numbers drawn as outlines: they must read as those that matplotlib writes."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.reporting.cell_numbers import cell_numbers

NUMBERS: dict[tuple[float, float], int] = {
    (0, 0): 7,
    (0, 2): 980,
    (1, 1): 64,
    (2, 0): 1135,
    (2, 2): 0,
}
INCHES, ROWS = 3.0, 3
SIZE = 0.3  # of a cell
POINTS = 72 * INCHES * SIZE / ROWS


def ink(draw: Callable[[Axes], object]) -> NDArray[np.float64]:
    """How dark each pixel of a table with 3 × 3 cells becomes, 0–1."""
    figure = Figure(figsize=(INCHES, INCHES), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(np.zeros((ROWS, ROWS)), cmap="Greys", vmin=0, vmax=1)
    draw(axes)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return 1 - np.asarray(canvas.buffer_rgba())[..., 0] / 255


def written(axes: Axes) -> None:
    for (row, column), number in NUMBERS.items():
        axes.text(column, row, str(number), ha="center", va="center_baseline", fontsize=POINTS)


def test_numbers_read_as_matplotlib_writes_them() -> None:
    outlines = ink(lambda axes: axes.add_artist(cell_numbers(NUMBERS, SIZE, "black")))
    expected = ink(written)
    overlap = np.minimum(outlines, expected).sum() / np.maximum(outlines, expected).sum()
    assert overlap > 0.7
    mixed_up = ink(lambda axes: axes.add_artist(cell_numbers({(2, 2): 7}, SIZE, "black")))
    assert np.minimum(mixed_up, expected).sum() < 0.1 * expected.sum()


@pytest.mark.parametrize("colour", ["black", "white"])
def test_no_number_leaves_no_ink(colour: str) -> None:
    assert ink(lambda axes: axes.add_artist(cell_numbers({}, SIZE, colour))).sum() == 0
