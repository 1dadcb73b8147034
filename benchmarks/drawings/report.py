"""Networks trained from presets, and everything that is measured about them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hydra import compose, initialize_config_dir

from benchmarks.drawings import corrections, grid
from benchmarks.drawings.people import People
from benchmarks.machine import describe_machine
from benchmarks.statistics import Spread, seconds_of
from experiments.config.compose import CONF
from experiments.config.schema import register_schema
from experiments.drawings.raster import rasterise
from experiments.sweeps.registration import register_plugins
from experiments.training.build import build_training, load_splits
from gui.preprocessing import from_raster, redraw
from gui.recognizer import Recognizer
from nnscratch import BestWeights, Network, SoftmaxCrossEntropyLoss, evaluate
from nnscratch.data import Dataset

RECIPES = {
    "MNIST, system 0": ("experiment=system_0",),
    "MNIST, regularised": ("experiment=mnist_regularised",),
    "MNIST and pen": ("experiment=mnist_and_pen",),
}
"""The presets that are trained. The published network comes first."""


def measure(people: People, mnist: Dataset, drawings: int, folder: Path) -> dict[str, Any]:
    """The report as JSON values; ``mnist`` holds MNIST's test images. Prints tables on the way."""
    chosen = people.sample(drawings)
    print(
        f"{len(people.seen)} writers to train on, {len(people.unseen)} others to test on: "
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
    for name, grids in grid.measure(networks, people, chosen).items():
        for pipeline, cells in grids.items():
            results[name]["pipelines"][pipeline] = grid.summary(cells)
            print(f"\n{name}, {pipeline}: accuracy in percent\n{grid.table(cells)}")
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
    """The network of a preset with its best weights, and its training data."""
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
    """Milliseconds from a raster, or from strokes, to the probabilities and activations."""
    recognizer = Recognizer(network)
    milliseconds: dict[str, list[float]] = {"published": [], "redrawn": []}
    for position in chosen:
        strokes = people.placed(position, 180, width=20, corner=False)
        raster = rasterise(strokes, 20)  # not timed: the window updates it while the user draws
        ways = {"published": partial(from_raster, raster), "redrawn": partial(redraw, strokes)}
        for name, preprocess in ways.items():
            taken = seconds_of(lambda preprocess=preprocess: recognizer.recognize(preprocess()))
            milliseconds[name].append(1000 * taken)
    return {
        name: {**Spread.of(values)._asdict(), "percentile_95": float(np.percentile(values, 95))}
        for name, values in milliseconds.items()
    }


def _print_summary(networks: dict[str, Any], latency: dict[str, Any]) -> None:
    heads = ("mean", "best", "worst", "best - worst", "usual")
    print(f"\n{'accuracy in percent':34}" + "".join(f"{head:>13}" for head in heads))
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
