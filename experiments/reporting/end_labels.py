"""Names of lines written where they end, in their colours: no legend to look up."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from experiments.reporting.axes import apart

_LINE = 0.055  # of the height of the axes: a name needs so much
_ROOM = 0.35  # of the width of the axes, for the names


def end_labels(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colour: Mapping[str, Any]
) -> None:
    """Writes each name on the right of its line's end, moved up or down where two would touch.

    The last thing to be done to ``axes``: their scale and limits are then as they will be.
    """
    low, high = axes.get_xlim()
    axes.set_xlim(low, high + _ROOM * (high - low))
    to_share = axes.transData + axes.transAxes.inverted()
    places = [to_share.transform(end) for end in ends.values()]
    heights = apart([float(height) for _, height in places], _LINE)
    for name, (right, _), height in zip(ends, places, heights, strict=True):
        axes.text(
            float(right) + 0.02,
            height,
            name,
            transform=axes.transAxes,
            color=colour[name],
            va="center",
            fontsize=9,
        )
