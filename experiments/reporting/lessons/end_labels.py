"""Names of lines written where they end, in their colours: no legend to look up."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

_LINE = 0.055  # of the height of the axes: names need so much room
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
    places = {name: float(to_share.transform(end)[1]) for name, end in ends.items()}
    height = -1.0
    for name in sorted(places, key=lambda name: places[name]):
        height = max(places[name], height + _LINE)
        right = float(to_share.transform(ends[name])[0])
        axes.text(
            right + 0.02,
            height,
            name,
            transform=axes.transAxes,
            color=colour[name],
            va="center",
            fontsize=9,
        )
