"""What a store says about its runs, and whether it is whole.

The database is read directly, not through the program that is attacked.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from benchmarks.reliability.attack import check
from benchmarks.reliability.commands import EPOCHS
from nnscratch import load_checkpoint, load_training_state


class Run(NamedTuple):
    """A training run as the database has it."""

    run_id: str
    status: str
    seed: str
    digest: str | None  # of the weights after the last epoch
    epochs: list[int]  # with a training loss, in order
    artifacts: Path


def runs_in(folder: Path) -> list[Run]:
    """All training runs in the SQLite store in ``folder``, in the order of their creation."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        ask = database.execute
        if not ask("SELECT * FROM sqlite_master WHERE name = 'latest_metrics'").fetchall():
            return []  # disturbed before its tables were there
        rows = ask(
            "SELECT run_uuid, status, artifact_uri FROM runs JOIN tags USING (run_uuid) "
            "WHERE key = 'nnscratch.kind' AND value = 'run' AND lifecycle_stage = 'active' "
            "ORDER BY start_time"
        ).fetchall()
        runs = []
        for run_id, status, uri in rows:
            values = dict(
                ask(
                    "SELECT key, value FROM tags WHERE run_uuid = ?1 "
                    "UNION SELECT key, value FROM params WHERE run_uuid = ?1",
                    (run_id,),
                )
            )
            steps = ask(
                "SELECT step FROM metrics WHERE run_uuid = ? AND key = 'train_loss' ORDER BY step",
                (run_id,),
            )
            epochs = [step for (step,) in steps]
            digest = values.get("nnscratch.weights_digest")
            artifacts = _local(folder, uri)
            runs.append(Run(run_id, status, values.get("seed", ""), digest, epochs, artifacts))
    return runs


class Undisturbed(NamedTuple):
    """What a run that nobody attacked left behind."""

    digest: str | None
    files: frozenset[str]  # the artifacts that are not empty


def undisturbed(folder: Path) -> dict[str, Undisturbed]:
    """The runs in ``folder`` by their seeds."""
    return {run.seed: Undisturbed(run.digest, _files(run)) for run in runs_in(folder)}


def check_whole(folder: Path, expected: Mapping[str, Undisturbed]) -> None:
    """One finished run per seed, with the ``expected`` weights and files, and every epoch once.

    No journal is left over.
    """
    runs = runs_in(folder)
    seeds = sorted(run.seed for run in runs)
    check(seeds == sorted(expected), f"runs of the seeds {seeds}, not {sorted(expected)}")
    for run in runs:
        short = f"run {run.run_id[:8]}"
        check(run.status == "FINISHED", f"{short} is {run.status}")
        check(run.epochs == [*range(1, EPOCHS + 1)], f"{short} has the epochs {run.epochs}")
        check(run.digest == expected[run.seed].digest, f"{short} has other weights")
        lost = sorted(expected[run.seed].files - _files(run))
        check(not lost, f"{short} has lost {len(lost)} files: {', '.join(lost[:3])}")
        check_readable(run)
    left = [path.name for path in folder.glob("mljournal/*")]
    check(not left, f"journals are left over: {left}")


def check_readable(run: Run) -> None:
    """Every checkpoint of the run is whole: none is cut or damaged."""
    for file in run.artifacts.glob("checkpoints/**/*.npz"):
        (load_training_state if file.name == "state.npz" else load_checkpoint)(file)


def _files(run: Run) -> frozenset[str]:
    return frozenset(
        path.relative_to(run.artifacts).as_posix()
        for path in run.artifacts.rglob("*")
        if path.is_file() and path.stat().st_size > 0 and path.suffix != ".pyc"
    )


def _local(folder: Path, artifact_uri: str) -> Path:
    parts = urlsplit(artifact_uri)
    if parts.scheme == "mlflow-artifacts":  # kept by a server whose artifacts are in this folder
        return folder / "mlartifacts" / parts.path.lstrip("/")
    return Path(url2pathname(parts.path))
