"""What a sweep costs beyond its training: ``python -m benchmarks.sweep``.

The same runs are trained twice: by the bare ``fit``, in as many processes as the sweep has workers,
and by ``experiments.train -m …``, with start-up, checks, logging to SQLite, checkpoints, plots,
models and summary. The result is a ratio: the seconds of the sweep, divided by the sum of the
seconds of ``fit`` per worker.

The speed of a machine changes within minutes. So half of the bare runs come before each sweep and
half after it, and the median of several sweeps counts.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import epoch_logging
from benchmarks.machine import describe_machine
from benchmarks.peers.worker import thread_limits
from benchmarks.statistics import Spread, seconds_of
from experiments.datasets import load
from experiments.tracking import RunStore
from nnscratch import Adam, SoftmaxCrossEntropyLoss, fit, mlp


def main() -> None:
    """Prints the ratio and the parts of the remaining time, and writes sweep.json."""
    arguments = _arguments()
    os.environ.update(thread_limits(1))
    report: dict[str, Any] = {"date": date.today().isoformat(), "machine": describe_machine()}
    report |= {name: getattr(arguments, name) for name in ("runs", "epochs", "workers", "data")}
    sweeps = list(_sweeps(arguments))
    median = sorted(sweeps, key=lambda sweep: sweep["ratio"])[len(sweeps) // 2]
    _print_parts(median)
    report |= {"ratio": median["ratio"], "sweeps": sweeps}
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "sweep.json").write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--data", default="mnist", help="digits is small and needs no file")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmarks"))
    return parser.parse_args()


def _sweeps(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Each repetition as JSON values, with a printed line."""
    halves = [range(half, arguments.runs, 2) for half in (0, 1)]
    before = _bare(arguments, halves[0])
    for repetition in range(arguments.repetitions):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            seconds, parts = _sweep(arguments, Path(folder))
            after = _bare(arguments, halves[(repetition + 1) % 2])
            logging = epoch_logging.measure(Path(folder))
        bare = sum(before + after) / arguments.workers
        print(
            f"sweep {seconds:.1f} s, {seconds / bare:.3f} x the {bare:.1f} s of bare fit: "
            f"({sum(before):.1f} s of {len(before)} runs before it and {sum(after):.1f} s of "
            f"{len(after)} after it) / {arguments.workers}"
        )
        yield {
            "ratio": seconds / bare,
            "seconds": seconds,
            "bare_seconds": [before, after],
            "parts": parts,
            "logging_seconds": logging._asdict(),
        }
        before = after


def _print_parts(sweep: Mapping[str, Any]) -> None:
    print(f"\nmedian: {sweep['ratio']:.3f}; the parts of that sweep, per worker:")
    for name, value in sweep["parts"].items():
        print(f"  {name:58} {value:7.1f} s")
    logging = Spread(**sweep["logging_seconds"])
    print(
        f"\nlogging one epoch on SQLite: {1000 * logging.median:.1f} ms from the first call until "
        f"the store has it ({1000 * logging.lower:.1f}–{1000 * logging.upper:.1f})"
    )


def _bare(arguments: argparse.Namespace, seeds: Iterable[int]) -> list[float]:
    """The seconds of each ``fit`` with its validation; ``workers`` of them run at a time."""
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
    return seconds_of(lambda: list(training))


def _sweep(arguments: argparse.Namespace, folder: Path) -> tuple[float, dict[str, float]]:
    """The wall seconds of the command, in total and by part."""
    command = [sys.executable, "-m", "experiments.train", "-m", f"data={arguments.data}"]
    command += [f"epochs={arguments.epochs}", f"seed=range({arguments.runs})"]
    command += [f"hydra.launcher.n_jobs={arguments.workers}"]
    code = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": code, "MLFLOW_TRACKING_URI": ""}
    began, started = time.time(), time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return seconds, _parts(folder, arguments.workers, began, seconds)


def _parts(folder: Path, workers: int, began: float, seconds: float) -> dict[str, float]:
    """Seconds per worker: the parts add up to the seconds of the command."""
    store = RunStore(f"sqlite:///{folder / 'mlflow.db'}")
    [parent] = store.sweeps()
    runs = store.children(parent.run_id)
    first = min(run.started.timestamp() for run in runs)
    last = max(run.started.timestamp() + (run.seconds or 0.0) for run in runs)
    in_runs = sum(run.seconds or 0.0 for run in runs) / workers
    histories = (store.history(run.run_id, "epoch_seconds") for run in runs)
    passes = sum(value for history in histories for _, value in history) / workers
    return {
        "before the first run: imports, checks, data, workers": first - began,
        "training passes": passes,
        "the rest of the runs: validation, logging, plots, model": in_runs - passes,
        "between and beside the runs: loading, waiting for the last": last - first - in_runs,
        "after the last run: summary, pictures": began + seconds - last,
    }


if __name__ == "__main__":
    main()
