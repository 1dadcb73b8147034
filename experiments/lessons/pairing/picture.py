"""The picture of the lesson on output and loss: steps to learn, accuracy by rate, gradients."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.reporting.axes import apart, colours, lines_by_rate, nested, panel_title, plain
from nnscratch.typing import FloatArray

_SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
_LINE = 2.2  # height of a line of text, in powers of ten


def picture(
    figure: Figure,
    *,
    goal: float,
    steps: Mapping[str, Sequence[float]],
    accuracies: Mapping[str, Mapping[str, Mapping[float, float]]],
    margins: FloatArray,
    gradients: Mapping[str, FloatArray],
) -> None:
    """``accuracies`` by start, pair of output and loss, and learning rate; the others by pair.

    ``steps``: the fewest to the accuracy ``goal`` (0–1) from each of the two starts, infinity
    for never. ``gradients``: their norms at each of the ``margins`` between the logits.
    """
    figure.set_size_inches(13.5, 9.6)
    [[first, last], [left, right]] = figure.subplots(2, 2)
    colour = colours(list(steps), ordered=False)
    _steps(first, steps, colour)
    marks = ", ".join(f"{mark} from {start}" for mark, start in zip("○●", accuracies, strict=True))
    panel_title(first, f"Steps to {goal:.0%} accuracy at the best learning rate\n{marks}")
    _gradients(last, margins, gradients, colour)
    for axes, (start, table) in zip((left, right), accuracies.items(), strict=True):
        lines_by_rate(axes, table, colour)
        axes.set_xlabel("learning rate of SGD")
        axes.set_ylim(0, 1)
        axes.axhline(goal, color="grey", lw=0.8, ls=":")
        panel_title(axes, f"Final accuracy from {start}")


def _steps(axes: Axes, steps: Mapping[str, Sequence[float]], colour: Mapping[str, Any]) -> None:
    names = list(steps)[::-1]
    known = [count for counts in steps.values() for count in counts if count < math.inf]
    never = 1.25 * max(known, default=1)
    for place, name in enumerate(names):
        ends = [min(count, never) for count in steps[name]]
        axes.plot(ends, [place, place], color=colour[name], lw=1, alpha=0.5)
        for end, fill in zip(ends, ("white", colour[name]), strict=True):
            axes.plot(end, place, "o", ms=9, mfc=fill, mec=colour[name])
    ticks = [tick for tick in axes.get_xticks() if 0 <= tick < 0.9 * never]
    axes.set_xticks([*ticks, never], [*(f"{tick:,.0f}" for tick in ticks), "never"])
    axes.set_xlim(0, 1.06 * never)
    axes.set_ylim(-0.5, len(names) - 0.3)
    axes.set_yticks(range(len(names)), names)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(colour[name])
    plain(axes)


def _gradients(
    axes: Axes, margins: FloatArray, gradients: Mapping[str, FloatArray], colour: Mapping[str, Any]
) -> None:
    ends = []
    for (lw, _), (name, norms) in zip(nested(len(gradients)), gradients.items(), strict=True):
        drawn = norms > 0
        axes.plot(margins[drawn], norms[drawn], color=colour[name], lw=lw)
        ends.append((float(margins[drawn][-1]), float(norms[drawn][-1])))
    labels = apart([math.log10(norm) for _, norm in ends], _LINE)
    for (name, (margin, _)), label in zip(zip(gradients, ends, strict=True), labels, strict=True):
        text = name if margin == margins[-1] else f"{name}, then 0"
        axes.text(margin + 1.5, 10**label, text, va="center", color=colour[name], fontsize=9)
    axes.axhline(_SMALLEST, color="grey", lw=0.8, ls=":")
    axes.text(0, 2 * _SMALLEST, "smallest number of float32", color="grey", fontsize=8)
    axes.set_yscale("log")
    axes.set_xlim(0, 1.45 * float(margins[-1]))
    axes.set_xlabel("logit of the wrong class minus logit of the correct class")
    panel_title(axes, "Norm of the gradient with respect to the logits, in float32")
    plain(axes)
