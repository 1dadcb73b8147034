"""Accuracy on real drawings: ``python -m benchmarks.drawings --strokes strokes_train.npz``.

The input is a file of pen strokes. Training may use two thirds of its writers; every accuracy is
measured on the others. The networks, two trained only on MNIST and one on MNIST and the strokes
of the first writers, classify every drawing. Three pipelines, seven brush widths, five sizes and
two places on the canvas are compared. The report also covers ten corrections by each of the
other writers, and the time from strokes to activations.
"""

import argparse
import json
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.drawings import chart
from benchmarks.drawings.people import People
from benchmarks.drawings.report import measure
from experiments.datasets import load
from experiments.datasets.mnist_and_pen import find_pen_strokes
from experiments.datasets.pen_strokes import read_pen_strokes
from experiments.errors import DatasetError


def main() -> None:
    """Trains, measures, prints tables, writes drawing.json and drawing.png."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drawings", description=__doc__)
    parser.add_argument("--strokes", help="as data.pen_strokes (default: in NNSCRATCH_DATA)")
    parser.add_argument("--drawings", type=int, default=1000, help="drawings in each cell")
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
        report = measure(people, mnist, arguments.drawings, arguments.output)
    (arguments.output / "drawing.json").write_text(json.dumps(report, indent=1) + "\n")
    chart.draw(report, arguments.output / "drawing.png")
    print(f"\nwritten: {arguments.output / 'drawing.json'} and drawing.png beside it")


if __name__ == "__main__":
    main()
