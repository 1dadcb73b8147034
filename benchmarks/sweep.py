"""What a sweep costs beyond its training: ``python -m benchmarks.sweep``.

The same runs, by the bare ``fit`` in as many processes at once as the sweep has
workers, and as ``experiments.train -m …`` with everything that it does: start-up, checks,
logging to SQLite, checkpoints, plots, models, summary. The target is a ratio,
seconds of the sweep / (sum of the seconds of ``fit`` / workers).

A machine's speed drifts within minutes: half of the bare runs come before each sweep and half
after it, and of several sweeps the median counts.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.statistics import Spread
from benchmarks.worker import thread_limits
from experiments.datasets import load
from experiments.runs.summary import RunSummary
from experiments.tracking import RunStore
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Journal
from nnscratch import (
    Adam,
    Dataset,
    SoftmaxCrossEntropyLoss,
    fit,
    mlp,
    save_checkpoint,
    save_training_state,
)


def main() -> None:
    """Prints the ratio and where the rest of the time went; writes sweep.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--data", default="mnist", help="digits is small and needs no file")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmarks"))
    arguments = parser.parse_args()
    os.environ.update(thread_limits(1))

    report: dict[str, Any] = {"date": date.today().isoformat(), "machine": describe_machine()}
    report |= {name: getattr(arguments, name) for name in ("runs", "epochs", "workers", "data")}
    halves = [range(half, arguments.runs, 2) for half in (0, 1)]
    before = _bare(arguments, halves[0])
    sweeps = []
    for repetition in range(arguments.repetitions):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            seconds, parts = _sweep(arguments, Path(folder))
            after = _bare(arguments, halves[(repetition + 1) % 2])
            logging = _logging(Path(folder))
        bare = sum(before + after) / arguments.workers
        print(
            f"sweep {seconds:.1f} s, {seconds / bare:.3f} x the {bare:.1f} s of bare fit: "
            f"({sum(before):.1f} s of {len(before)} runs before it and {sum(after):.1f} s of "
            f"{len(after)} after it) / {arguments.workers}"
        )
        sweeps.append(
            {
                "ratio": seconds / bare,
                "seconds": seconds,
                "bare_seconds": [before, after],
                "parts": parts,
                "logging_seconds": logging._asdict(),
            }
        )
        before = after
    median = sorted(sweeps, key=lambda sweep: sweep["ratio"])[len(sweeps) // 2]
    _print_parts(median)
    report |= {"ratio": median["ratio"], "sweeps": sweeps}
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "sweep.json").write_text(json.dumps(report, indent=1) + "\n")


def _print_parts(sweep: Mapping[str, Any]) -> None:
    print(f"\nmedian: {sweep['ratio']:.3f}; where the time of that sweep went, per worker:")
    for name, value in sweep["parts"].items():
        print(f"  {name:58} {value:7.1f} s")
    logging = Spread(**sweep["logging_seconds"])
    print(
        f"\nlogging one epoch on SQLite: {1000 * logging.median:.1f} ms from the first call until "
        f"the store has it ({1000 * logging.lower:.1f}–{1000 * logging.upper:.1f})"
    )


def _bare(arguments: argparse.Namespace, seeds: Iterable[int]) -> list[float]:
    """The seconds of each ``fit``, validation included, ``workers`` of them at a time."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.workers) as pool:
        tasks = [(arguments.data, arguments.epochs, seed) for seed in seeds]
        return pool.starmap(_fit, tasks, chunksize=1)


def _fit(data: str, epochs: int, seed: int) -> float:
    splits = load(data, val_fraction=0.1, seed=seed)
    network = mlp([splits.train.features, 128, 64, splits.classes], seed=seed)
    training = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        Adam(),
        splits.train,
        splits.validation,
        epochs=epochs,
        batch_size=64,
        seed=seed,
    )
    started = time.perf_counter()
    for _ in training:
        pass
    return time.perf_counter() - started


def _sweep(arguments: argparse.Namespace, folder: Path) -> tuple[float, dict[str, float]]:
    """Wall seconds of the command, and what they went into."""
    command = [sys.executable, "-m", "experiments.train", "-m", f"data={arguments.data}"]
    command += [f"epochs={arguments.epochs}", f"seed=range({arguments.runs})"]
    command += [f"hydra.launcher.n_jobs={arguments.workers}"]
    code = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": code, "MLFLOW_TRACKING_URI": ""}
    began, started = time.time(), time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    store = RunStore(f"sqlite:///{folder / 'mlflow.db'}")
    [parent] = store.sweeps()
    return seconds, _parts(arguments, store, store.children(parent.run_id), began, seconds)


def _parts(
    arguments: argparse.Namespace,
    store: RunStore,
    runs: Sequence[RunSummary],
    began: float,
    seconds: float,
) -> dict[str, float]:
    """Per worker, so that the parts add up to the seconds of the command."""
    first = min(run.started.timestamp() for run in runs)
    last = max(run.started.timestamp() + (run.seconds or 0.0) for run in runs)
    in_runs = sum(run.seconds or 0.0 for run in runs) / arguments.workers
    passes = (
        sum(value for run in runs for _, value in store.history(run.run_id, "epoch_seconds"))
        / arguments.workers
    )
    return {
        "before the first run: imports, checks, data, workers": first - began,
        "training passes": passes,
        "the rest of the runs: validation, logging, plots, model": in_runs - passes,
        "between and beside the runs: loading, waiting for the last": last - first - in_runs,
        "after the last run: summary, pictures": began + seconds - last,
    }


def _logging(folder: Path, epochs: int = 60) -> Spread:
    """Seconds that an epoch's metrics, weights and state take into an SQLite store.

    What a ``Recorder`` hands over at once, delivered before the next epoch begins.
    """
    images = np.zeros((64, 784), np.float32)
    network = mlp([784, 128, 64, 10])
    data = Dataset(images, np.zeros(64, np.int64))
    training = fit(network, SoftmaxCrossEntropyLoss(), Adam(), data, epochs=epochs, batch_size=64)
    names = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate")
    names += ("epoch_seconds", "training_seconds", "best_val_accuracy")
    taken = []
    with Journal(folder / "journal") as journal:
        delivery = Delivery(journal)
        journal.append(
            {
                "op": "create",
                "uri": f"sqlite:///{folder / 'logging.db'}",
                "experiment": "logging",
                "artifacts": (folder / "artifacts").as_uri(),
                "name": "logging",
                "time": 0,
                "parameters": {},
                "tags": {},
            }
        )
        delivery.deliver()
        for epoch in training:
            values = dict.fromkeys(names, 0.5)
            started = time.perf_counter()
            metrics = {"op": "metrics", "time": 0, "step": epoch.number, "values": values}
            last = journal.stage("checkpoints/last.npz", partial(save_checkpoint, network))
            copy = partial(shutil.copyfile, journal.file(last))
            copies = ("checkpoints/best.npz", f"checkpoints/epochs/epoch_{epoch.number:04d}.npz")
            state = partial(save_training_state, training.state())
            journal.append(
                metrics,
                *(journal.stage(path, copy) for path in copies),
                last,
                journal.stage("checkpoints/state.npz", state),
            )
            delivery.deliver()
            taken.append(time.perf_counter() - started)
    return Spread.of(taken[epochs // 6 :])


if __name__ == "__main__":
    main()
