"""How often drawings are read, by brush width, size and place on the canvas."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from benchmarks.drawing_people import People
from experiments.training.handwriting import whole_canvas
from gui.preprocessing import from_raster, rasterise, redraw
from nnscratch import Network
from nnscratch.typing import FloatArray

WIDTHS = (8, 12, 16, 20, 24, 30, 36)
SIZES = (60, 100, 140, 180, 230)
PLACES = ("centre", "corner")

Grid: TypeAlias = FloatArray
"""Accuracy in percent: (places, sizes, widths)."""


def measure(
    networks: Mapping[str, Network], people: People, chosen: Sequence[int]
) -> dict[str, dict[str, Grid]]:
    """The grid of every network, for each pipeline that it is asked for.

    ``networks`` has the published network first: the pipelines that start from pixels are
    measured with it alone.
    """
    pixels = next(iter(networks))
    grids = {name: {"redrawn": _empty()} for name in networks}
    grids[pixels] = {"whole canvas": _empty(), "published": _empty(), **grids[pixels]}
    labels = people.pen.labels[list(chosen)]
    for place, size in np.ndindex(len(PLACES), len(SIZES)):
        corner = PLACES[place] == "corner"
        drawn = [
            [people.placed(p, SIZES[size], width=width, corner=corner) for p in chosen]
            for width in WIDTHS
        ]
        # What strokes become has nothing to do with the brush: one of them stands for all.
        redrawn = np.reshape([redraw(strokes) for strokes in drawn[0]], (len(chosen), -1))
        for name, network in networks.items():
            grids[name]["redrawn"][place, size] = 100 * np.mean(network.predict(redrawn) == labels)
        for column, (width, drawings) in enumerate(zip(WIDTHS, drawn, strict=True)):
            rasters = [rasterise(strokes, width) for strokes in drawings]
            for pipeline, present in (("whole canvas", whole_canvas), ("published", from_raster)):
                inputs = np.reshape([present(raster) for raster in rasters], (len(chosen), -1))
                right = networks[pixels].predict(inputs) == labels
                grids[pixels][pipeline][place, size, column] = 100 * right.mean()
    return grids


def _empty() -> Grid:
    return np.zeros((len(PLACES), len(SIZES), len(WIDTHS)))


def summary(grid: Grid) -> dict[str, Any]:
    """Mean, best and worst cell, and the mean of the usual ones, in percent.

    Usual: in the middle, 140 pixels or larger, with a brush of 16 to 24.
    """
    usual = grid[0, SIZES.index(140) :, WIDTHS.index(16) : WIDTHS.index(24) + 1]
    return {
        "mean": float(grid.mean()),
        "best": float(grid.max()),
        "worst": float(grid.min()),
        "usual": float(usual.mean()),
        "grid": grid.round(2).tolist(),
    }


def table(grid: Grid) -> str:
    """The grid as text: a line for each place and size, a column for each brush."""
    lines = ["  place   size   brush " + "".join(f"{width:6d}" for width in WIDTHS)]
    for place, size in np.ndindex(len(PLACES), len(SIZES)):
        cells = "".join(f"{cell:6.1f}" for cell in grid[place, size])
        lines.append(f"  {PLACES[place]:6}{SIZES[size]:6d}         {cells}")
    return "\n".join(lines)
