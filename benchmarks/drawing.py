"""Right for real hands? ``python -m benchmarks.drawing --strokes strokes_train.npz``.

Two thirds of the writers of a file of pen strokes may be learnt from; all that is measured is
measured on the others. Networks that learnt MNIST alone, and one that learnt MNIST and the
first writers' strokes, read every drawing with three pipelines, seven brushes and five sizes, in
the middle and in a corner of the canvas. Then come ten corrections by each of the others, and how
long the way from strokes to activations takes.
"""

import argparse
import json
import time
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hydra import compose, initialize_config_dir
from threadpoolctl import threadpool_limits

from benchmarks import corrections, drawing_chart, drawing_grid
from benchmarks.drawing_people import People
from benchmarks.machine import describe_machine
from benchmarks.statistics import Spread
from experiments.config.compose import CONF
from experiments.config.schema import register_schema
from experiments.datasets import load
from experiments.datasets.mnist_and_pen import find_pen_strokes
from experiments.datasets.pen_strokes import read_pen_strokes
from experiments.errors import DatasetError
from experiments.sweeps.registration import register_plugins
from experiments.training.build import build_training, load_splits
from gui.preprocessing import from_raster, rasterise, redraw
from gui.recognizer import Recognizer
from nnscratch import BestWeights, Network, SoftmaxCrossEntropyLoss, evaluate
from nnscratch.data import Dataset

RECIPES = {
    "MNIST, system 0": ("experiment=system_0",),
    "MNIST, regularised": ("experiment=mnist_regularised",),
    "MNIST and pen": ("experiment=mnist_and_pen",),
}
"""What is trained; the published network comes first."""


def main() -> None:
    """Trains, measures, prints tables, writes drawing.json and drawing.png."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drawing", description=__doc__)
    parser.add_argument("--strokes", help="as data.pen_strokes (default: in NNSCRATCH_DATA)")
    parser.add_argument("--drawings", type=int, default=1000, help="so many in each cell")
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmarks"))
    arguments = parser.parse_args()
    try:
        path = find_pen_strokes(arguments.strokes)
        people = People(read_pen_strokes(path))
        mnist = load("mnist", val_fraction=0.1, seed=0).test
    except DatasetError as error:
        parser.exit(2, f"{error}\n")
    arguments.output.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(1):
        report = _report(people, mnist, arguments.drawings, arguments.output)
    (arguments.output / "drawing.json").write_text(json.dumps(report, indent=1) + "\n")
    drawing_chart.draw(report, arguments.output / "drawing.png")
    print(f"\nwritten: {arguments.output / 'drawing.json'} and drawing.png beside it")


def _report(people: People, mnist: Dataset, drawings: int, folder: Path) -> dict[str, Any]:
    chosen = people.sample(drawings)
    print(
        f"{len(people.seen)} writers to learn from, {len(people.unseen)} others to read: "
        f"{len(chosen)} of their drawings in each of 70 cells"
    )
    seen = folder / "strokes_of_the_seen.npz"
    people.save_seen(seen)
    networks: dict[str, Network] = {}
    results: dict[str, Any] = {}
    for name, overrides in RECIPES.items():
        networks[name], train = _trained(overrides, seen)
        results[name] = {
            "mnist_test": 100 * evaluate(networks[name], SoftmaxCrossEntropyLoss(), mnist).accuracy,
            "corrections": corrections.measure(networks[name], people, train, mnist),
            "pipelines": {},
        }
        print(f"{name}: {results[name]['mnist_test']:.2f} % on MNIST's test images")
    for name, grids in drawing_grid.measure(networks, people, chosen).items():
        for pipeline, grid in grids.items():
            results[name]["pipelines"][pipeline] = drawing_grid.summary(grid)
            print(f"\n{name}, {pipeline}: percent read\n{drawing_grid.table(grid)}")
    latency = _latency(next(iter(networks.values())), people, chosen)
    _print_summary(results, latency)
    return {
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "drawings": len(chosen),
        "seen_writers": people.seen.tolist(),
        "unseen_writers": people.unseen.tolist(),
        "networks": results,
        "latency_milliseconds": latency,
    }


def _trained(overrides: Sequence[str], seen: Path) -> tuple[Network, Dataset]:
    """The network of a preset with its best weights, and what it learnt from."""
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [*overrides])
    if config.data.name == "mnist_and_pen":
        config.data.pen_strokes = str(seen)
    splits = load_splits(config)
    trainee = build_training(config, splits)
    best = BestWeights(trainee.network)
    for epoch in trainee.training:
        best.update(epoch)
    best.restore()
    return trainee.network, splits.train


def _latency(network: Network, people: People, chosen: Sequence[int]) -> dict[str, Any]:
    """Milliseconds from ink, or from strokes, to the probabilities and activations of a drawing."""
    recognizer = Recognizer(network)
    milliseconds: dict[str, list[float]] = {"published": [], "redrawn": []}
    for position in chosen:
        strokes = people.placed(position, 180, width=20, corner=False)
        raster = rasterise(strokes, 20)  # the window has it already: it inks as one draws
        ways = {"published": partial(from_raster, raster), "redrawn": partial(redraw, strokes)}
        for name, present in ways.items():
            started = time.perf_counter()
            recognizer.recognize(present())
            milliseconds[name].append(1000 * (time.perf_counter() - started))
    return {
        name: {**Spread.of(values)._asdict(), "percentile_95": float(np.percentile(values, 95))}
        for name, values in milliseconds.items()
    }


def _print_summary(networks: dict[str, Any], latency: dict[str, Any]) -> None:
    heads = ("mean", "best", "worst", "best - worst", "usual")
    print(f"\n{'percent read':34}" + "".join(f"{head:>13}" for head in heads))
    for network, found in networks.items():
        for pipeline, result in found["pipelines"].items():
            figures = {**result, "best - worst": result["best"] - result["worst"]}
            cells = "".join(f"{figures[head]:13.1f}" for head in heads)
            print(f"{network + ', ' + pipeline:34}{cells}")
    print("\nten corrections, one of each digit, by each of the unseen writers:")
    for network, found in networks.items():
        result = found["corrections"]
        print(
            f"  {network:20} errors {result['errors_before']:.2f} % -> "
            f"{result['errors_after']:.2f} % ({result['removed']:.0f} % of them removed); "
            f"MNIST {result['mnist_before']:.2f} % -> {result['mnist_after']:.2f} %"
        )
    print("\nmilliseconds from a drawing to all activations, median (quartiles; 95th percentile):")
    for pipeline, spread in latency.items():
        print(
            f"  {pipeline:10} {spread['median']:.2f} ({spread['lower']:.2f}-{spread['upper']:.2f}; "
            f"{spread['percentile_95']:.2f})"
        )


if __name__ == "__main__":
    main()
