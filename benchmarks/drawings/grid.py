"""Accuracy on drawings, by brush width, size and place on the canvas."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from benchmarks.drawings.people import People
from experiments.drawings.raster import rasterise
from experiments.training.handwriting import whole_canvas
from gui.preprocessing import from_raster, redraw
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
    """The grids of every network, by pipeline.

    The first network is the published one. Only it is measured with the pipelines that start
    from pixels.
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
        # Redrawn strokes do not depend on the brush, so one width represents all.
        redrawn = np.reshape([redraw(strokes) for strokes in drawn[0]], (len(chosen), -1))
        for name, network in networks.items():
            grids[name]["redrawn"][place, size] = 100 * np.mean(network.predict(redrawn) == labels)
        for column, (width, drawings) in enumerate(zip(WIDTHS, drawn, strict=True)):
            rasters = [rasterise(strokes, width) for strokes in drawings]
            for pipeline, shown in (("whole canvas", whole_canvas), ("published", from_raster)):
                inputs = np.reshape([shown(raster) for raster in rasters], (len(chosen), -1))
                correct = networks[pixels].predict(inputs) == labels
                grids[pixels][pipeline][place, size, column] = 100 * correct.mean()
    return grids


def _empty() -> Grid:
    return np.zeros((len(PLACES), len(SIZES), len(WIDTHS)))


def summary(grid: Grid) -> dict[str, Any]:
    """Mean, best and worst cell, and the mean of the usual cells, in percent.

    Usual cells: in the centre, 140 pixels or larger, with a brush of 16 to 24 pixels.
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
    """The grid as text: a line for each place and size, a column for each brush width."""
    lines = ["  place   size   brush " + "".join(f"{width:6d}" for width in WIDTHS)]
    for place, size in np.ndindex(len(PLACES), len(SIZES)):
        cells = "".join(f"{cell:6.1f}" for cell in grid[place, size])
        lines.append(f"  {PLACES[place]:6}{SIZES[size]:6d}         {cells}")
    return "\n".join(lines)
