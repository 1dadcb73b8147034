"""The bar chart of a report of ``benchmarks.peers``: time per epoch, relative to this core."""

from pathlib import Path
from typing import Any

PEER_COLOUR = "#8fa3b3"
OTHER_COLOURS = {"nnscratch": "#0b6e4f", "matrix products only": "#d9dee3"}


def draw(report: dict[str, Any], path: Path) -> None:
    """One panel per network and number of threads; shorter bars are faster."""
    from matplotlib.figure import Figure

    results = report["results"]
    columns = min(2, len(results))
    rows = -(-len(results) // columns)
    figure = Figure(figsize=(6.5 * columns, 3.4 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(results) :]:
        panel.remove()
    for panel, result in zip(panels, results, strict=False):
        _draw_panel(panel, result)
    versions = ", ".join(f"{name} {v}" for name, v in report["machine"]["versions"].items())
    figure.suptitle("Time per epoch relative to nnscratch (shorter is faster)", fontsize=13)
    figure.supxlabel(f"{report['date']}, {report['machine']['processor']}, {versions}", fontsize=8)
    figure.savefig(path, dpi=110)


def _draw_panel(panel: Any, result: dict[str, Any]) -> None:
    bars = sorted(result["peers"].items(), key=lambda item: -item[1]["ratio"]["median"])
    names = [name for name, _ in bars]
    ratios = [peer["ratio"] for _, peer in bars]
    medians = [ratio["median"] for ratio in ratios]
    whiskers = [
        [ratio["median"] - ratio["lower"] for ratio in ratios],
        [ratio["upper"] - ratio["median"] for ratio in ratios],
    ]
    panel.barh(names, medians, color=[OTHER_COLOURS.get(name, PEER_COLOUR) for name in names])
    panel.errorbar(medians, names, xerr=whiskers, fmt="none", ecolor="#333333", capsize=2)
    for name, ratio in zip(names, ratios, strict=True):
        panel.annotate(
            f"{ratio['median']:.2f}", (ratio["upper"], name), (5, 0),
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
    panel.set_xlim(0, 1.12 * max(ratio["upper"] for ratio in ratios))
    threads = f"{result['threads']} thread" + ("s" if result["threads"] > 1 else "")
    panel.set_title(f"{result['net']}, {threads}", fontsize=10)
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=9)
