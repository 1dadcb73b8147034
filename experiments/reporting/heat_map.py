"""The accuracy of every pair of levels of two factors, as a table of colours."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from experiments.reporting.axes import label_outer, panel_grid, save, title
from experiments.reporting.factors import Factor
from experiments.reporting.sweep_results import Group, SweepResults

_SCALE = colormaps["viridis"]
_MOST_LEVELS = 16
_MOST_PANELS = 6
_FILLED = 0.5  # share of the cells, below which a list says more than a table


def has_heat_map(results: SweepResults) -> bool:
    """Whether two factors span a table that is mostly filled."""
    if len(results.factors) < 2:
        return False
    rows, columns, rest = _arranged(results)
    panels = math.prod(len(factor.levels) for factor in rest)
    cells = len(rows.levels) * len(columns.levels) * panels
    fits = max(len(rows.levels), len(columns.levels)) <= _MOST_LEVELS and panels <= _MOST_PANELS
    return fits and len(results.groups) >= _FILLED * cells


def heat_map(results: SweepResults, file: Path) -> None:
    """Mean validation accuracy in percent ± standard deviation; hatched: no seed finished.

    The two strongest factors make the table; each level of a further factor has a panel.
    """
    rows, columns, rest = _arranged(results)
    panels = results.panels(rest)
    width = 1.2 + 0.085 * max(map(len, rows.levels)) + 0.8 * len(columns.levels)
    slanted = max(map(len, columns.levels)) > 9
    height = 1.3 + (0.8 if slanted else 0) + 0.62 * len(rows.levels)
    figure, all_axes = panel_grid(len(panels), width=max(width, 4), height=max(height, 3))
    scale = _normalized(results.groups)
    for axes, (panel, groups) in zip(all_axes, panels, strict=True):
        for group in groups:
            place = group.levels[columns.name], group.levels[rows.name]
            _cell(axes, columns.levels.index(place[0]), rows.levels.index(place[1]), group, scale)
        _label(axes, rows, columns, slanted)
        axes.set_title(panel, fontsize=10)
    label_outer(all_axes)
    bar = figure.colorbar(ScalarMappable(scale, _SCALE), ax=all_axes, fraction=0.04, pad=0.02)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    bar.set_label("validation accuracy")
    title(figure, results.title)
    save(figure, file)


def _arranged(results: SweepResults) -> tuple[Factor, Factor, Sequence[Factor]]:
    """Factors for rows, columns and panels. Columns are for numbers, rows for long names."""
    pair = sorted(
        results.factors[:2], key=lambda factor: (factor.numeric, -max(map(len, factor.levels)))
    )
    return pair[0], pair[1], results.factors[2:]


def _normalized(groups: Sequence[Group]) -> Normalize:
    rows = [group.row for group in groups if group.row.finished]
    known = [row.val_accuracy for row in rows if row.val_accuracy is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    return Normalize(low, max(high, low + 0.01))


def _cell(axes: Axes, column: int, row: int, group: Group, scale: Normalize) -> None:
    accuracy = group.row.val_accuracy
    share = float(scale(0.0 if accuracy is None else accuracy))
    finished = group.row.finished > 0
    face, hatch = (_SCALE(share), None) if finished else ("#e8e8e8", "///")
    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, fc=face, ec="white", hatch=hatch))
    colour = "white" if finished and share < 0.6 else "black"
    text = "\n".join(_lines(group))
    axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)


def _lines(group: Group) -> list[str]:
    """``98.1``, ``± 0.2``, ``4/5 ✗``; or how the seeds ended if none finished."""
    row = group.row
    lines = [] if row.val_accuracy is None else [f"{100 * row.val_accuracy:.1f}"]
    if row.val_deviation is not None:
        lines.append(f"± {100 * row.val_deviation:.1f}")
    if not row.finished:
        return [*lines, *row.unfinished.split(", ")]
    return [*lines, f"{row.finished}/{row.seeds} ✗"] if row.unfinished else lines


def _label(axes: Axes, rows: Factor, columns: Factor, slanted: bool) -> None:
    axes.set_xlim(-0.5, len(columns.levels) - 0.5)
    axes.set_ylim(len(rows.levels) - 0.5, -0.5)
    slant: Any = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    axes.set_xticks(range(len(columns.levels)), columns.levels, **slant)
    axes.set_yticks(range(len(rows.levels)), rows.levels)
    axes.set_xlabel(columns.name)
    axes.set_ylabel(rows.name)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
