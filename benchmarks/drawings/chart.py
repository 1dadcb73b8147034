"""The heat map of a report of ``benchmarks.drawings``: accuracy by brush width and size."""

from pathlib import Path
from typing import Any

from benchmarks.drawings.grid import PLACES, SIZES, WIDTHS

_FLOOR = 50.0  # percent: lower values have the same colour


def draw(report: dict[str, Any], path: Path) -> None:
    """A row for each place on the canvas, a column for each network and pipeline."""
    from matplotlib.figure import Figure

    grids = [
        (network, pipeline, result)
        for network, found in report["networks"].items()
        for pipeline, result in found["pipelines"].items()
    ]
    figure = Figure(figsize=(3.1 * len(grids), 5.6), layout="constrained")
    panels = figure.subplots(len(PLACES), len(grids), squeeze=False, sharex=True, sharey=True)
    for column, (network, pipeline, result) in enumerate(grids):
        for row, place in enumerate(PLACES):
            _draw_panel(panels[row, column], result["grid"][row])
            if column == 0:
                panels[row, 0].set_ylabel(f"{place} of the canvas\n\nlonger side, pixels")
        figures = f"{result['mean']:.1f} ({result['worst']:.1f}–{result['best']:.1f})"
        panels[0, column].set_title(f"{network}\n{pipeline}: {figures}", fontsize=9)
        panels[-1, column].set_xlabel("brush width, pixels")
    figure.suptitle("Accuracy in percent on drawings of unseen writers", fontsize=12)
    figure.colorbar(panels[0, 0].images[0], ax=panels, shrink=0.6, pad=0.01)
    figure.savefig(path, dpi=110)


def _draw_panel(panel: Any, cells: list[list[float]]) -> None:
    panel.imshow(cells, vmin=_FLOOR, vmax=100, cmap="viridis", aspect="auto")
    panel.set_xticks(range(len(WIDTHS)), [str(width) for width in WIDTHS])
    panel.set_yticks(range(len(SIZES)), [str(size) for size in SIZES])
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            panel.text(
                column, row, f"{cell:.0f}", ha="center", va="center", fontsize=8,
                color="black" if cell > 80 else "white",
            )  # fmt: skip
