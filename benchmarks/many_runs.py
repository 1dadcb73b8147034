"""What a large store costs: ``python -m benchmarks.many_runs`` (needs Xvfb).

A sweep of two runs is trained. Then the store gets older copies of one of them, which differ in
seed, size, accuracy and time. Each copy has a checkpoint of its own, as every logged run has.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tkinter as tk
import uuid
from collections.abc import Mapping
from contextlib import chdir
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import time
from typing import Any

import numpy as np
from sqlalchemy import MetaData, create_engine, insert, select

from benchmarks.display import virtual_display
from benchmarks.statistics import seconds_of
from experiments.runs.tags import CONFIG_DIGEST, JOURNAL, PARENT
from experiments.tracking import RunStore
from gui.app import App
from gui.runs.library import RunLibrary
from gui.style.theme import theme_for

FEW = 12
_TRAINING = ("experiments.train", "data=digits", "epochs=1")
_HOUR = 3_600_000  # milliseconds
_LOOK = 20  # milliseconds between two looks at the list of runs


def main() -> None:
    """Prints the seconds of each command in a small store and in a large one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000)
    runs = parser.parse_args().runs
    os.environ.update(MLFLOW_TRACKING_URI="", PYTHONPATH=str(Path(__file__).resolve().parents[1]))
    with virtual_display() as display:
        few, many = _measured(FEW, display), _measured(runs, display)
    print(f"{'seconds with':40}{FEW:>8,}{runs:>8,} runs")
    for what, seconds in few.items():
        print(f"{what:40}{seconds:8.1f}{many[what]:8.1f}")


def fill(folder: Path, runs: int) -> None:
    """Makes a store of ``runs`` runs in ``folder``; the newest two are a sweep."""
    with chdir(folder):
        _command(*_TRAINING, "seed=1,2", "--multirun")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    store = RunStore(uri)
    original = store.runs()[0].run_id
    [checkpoint] = (folder / "mlartifacts" / original).rglob("best.npz")
    copies = {uuid.uuid4().hex: number for number in range(runs - 2)}
    for copy in copies:
        target = folder / "mlartifacts" / copy / "artifacts" / "checkpoints" / checkpoint.name
        target.parent.mkdir(parents=True)
        target.hardlink_to(checkpoint)
    engine, tables = create_engine(uri), MetaData()
    tables.reflect(engine, only=("runs", "params", "latest_metrics", "tags"), resolve_fks=False)
    with engine.begin() as connection:
        for table in tables.tables.values():
            found = connection.execute(select(table).where(table.c.run_uuid == original))
            rows = [dict(row._mapping) for row in found]
            connection.execute(
                insert(table),
                [
                    row | {"run_uuid": copy} | _differences(row, copy, number)
                    for copy, number in copies.items()
                    for row in rows
                    if row.get("key") != PARENT
                ],
            )
    engine.dispose()


def _differences(row: Mapping[str, Any], copy: str, number: int) -> dict[str, Any]:
    """What differs between a row of the original and that of a copy."""
    if "artifact_uri" in row:
        earlier = (number + 1) * _HOUR
        return {
            "artifact_uri": row["artifact_uri"].replace(row["run_uuid"], copy),
            "start_time": row["start_time"] - earlier,
            "end_time": row["end_time"] - earlier,
        }
    accuracy = np.random.default_rng(number).uniform(0.1, 0.9)
    values = {
        "seed": str(number % 5),
        "model.hidden": f"[{16 + number // 5}]",
        "best_val_accuracy": accuracy,
        "val_accuracy": accuracy,
        CONFIG_DIGEST: copy,
        JOURNAL: copy,
    }
    return {"value": values[row["key"]]} if row["key"] in values else {}


def _measured(runs: int, display: str) -> dict[str, float]:
    """The seconds of each command, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        fill(Path(folder), runs)
        seconds = {
            "a training": seconds_of(partial(_command, *_TRAINING)),
            "the same with resume=true": seconds_of(partial(_command, *_TRAINING, "resume=true")),
            "leaderboard": seconds_of(partial(_command, "experiments.leaderboard")),
            "leaderboard --sweep all": seconds_of(
                partial(_command, "experiments.leaderboard", "--sweep", "all")
            ),
        }
        with get_context("spawn").Pool(1) as pool:
            first, whole = pool.apply(_window, (display, runs, time()))
    return {
        **seconds,
        "window: the newest runs are listed": first,
        "window: all runs are listed": whole,
    }


def _window(display: str, runs: int, started: float) -> tuple[float, float]:
    """The seconds from ``started`` until the window lists some runs, and all of them."""
    library = RunLibrary()
    network = library.load_best()
    root = tk.Tk(screenName=display)
    app = App(root, [network], library, theme_for(root, scale=1), Path("drawings"))
    listed: list[float] = []

    def look() -> None:
        count = len(app.picker.table.get_children())
        if count and not listed:
            listed.append(time() - started)
        if count > runs:  # one more was trained in the meantime
            listed.append(time() - started)
            root.quit()
        else:
            root.after(_LOOK, look)

    look()
    root.mainloop()
    root.destroy()
    app.close()
    return listed[0], listed[1]


def _command(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
