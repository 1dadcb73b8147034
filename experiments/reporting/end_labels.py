"""Names of lines at their ends, in their colours, instead of a legend."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from experiments.reporting.axes import apart

_LINE = 0.055  # height of a name, as a share of the axes
_ROOM = 0.35  # for the names, as a share of the width of the axes


def end_labels(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colour: Mapping[str, Any]
) -> None:
    """Writes each name to the right of its line's end, moved up or down where two would touch.

    Call it last, when ``axes`` have their final scale and limits.
    """
    low, high = axes.get_xlim()
    axes.set_xlim(low, high + _ROOM * (high - low))
    to_share = axes.transData + axes.transAxes.inverted()
    places = [to_share.transform(end) for end in ends.values()]
    heights = apart([float(height) for _, height in places], _LINE)
    look: dict[str, Any] = {"transform": axes.transAxes, "va": "center", "fontsize": 9}
    for name, (right, _), height in zip(ends, places, heights, strict=True):
        axes.text(float(right) + 0.02, height, name, color=colour[name], **look)
