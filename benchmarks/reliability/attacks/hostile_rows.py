"""Rows of a run that a stranger wrote into the database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, final

from benchmarks.reliability.attack import Attack, check
from benchmarks.reliability.logged_runs import LoggedRuns

_TEXTS = (
    "",
    "\x1b]0;owned\x07\x1b[2J",
    "[/] [red]markup[/red] [/",
    "line\nof two",
    "${oc.env:HOME}",
    "x" * 5000,
    "' OR 1=1 --",
    "../../outside",
    "nan",
    "-1",
    "\u202egnirts",
)
_NUMBERS = (1.7e308, -1.7e308, 0.0, -1.0, 2.0, 1e-320)
_TIMES = (-(2**62), -1, 0, 2**62, None)
_TAGS = (
    "nnscratch.host",
    "nnscratch.error",
    "nnscratch.config_digest",
    "nnscratch.dataset_digest",
    "nnscratch.weights_digest",
    "nnscratch.diverged",
    "nnscratch.kind",
    "mlflow.parentRunId",
    "version.numpy",
)


@final
class HostileRows(Attack):
    """Changes up to three values in the rows of a run; then all commands read the store."""

    name = "hostile_rows"
    promise = (
        "nothing outside the folder changes, the list of runs goes on, and no escape sequence "
        "reaches the terminal"
    )
    tries = 40

    def prepare(self, folder: Path) -> None:
        self._outside = folder / "outside"
        (self._outside / "model").mkdir(parents=True)
        (self._outside / "model" / "theirs").write_text("theirs")
        (self._outside / "linked").write_text("theirs")
        inside = folder / "inside"
        inside.mkdir()
        self._store = LoggedRuns(inside)

    def attempt(self, folder: Path, random: Random) -> None:
        self._store.reset()
        with closing(sqlite3.connect(self._store.home / "mlflow.db")) as database:
            for _ in range(random.randint(1, 3)):
                self._change(database, random)
            database.commit()
        before = _contents(self._outside.parent, without=self._store.home)
        self._store.use(random)
        changed = before ^ _contents(self._outside.parent, without=self._store.home)
        check(not changed, f"changed outside the folder: {sorted(str(p) for p, *_ in changed)}")

    def _change(self, database: sqlite3.Connection, random: Random) -> None:
        run_id = random.choice(self._store.runs).run_id

        def update(statement: str, *values: Any) -> None:
            database.execute(statement, (*values, run_id))

        match random.randrange(9):
            case 0:
                column = random.choice(("start_time", "end_time"))
                update(f"UPDATE runs SET {column} = ? WHERE run_uuid = ?", random.choice(_TIMES))
            case 1:
                column = random.choice(("name", "status", "user_id"))
                # The database allows only MLflow's words for a status.
                states = ("RUNNING", "SCHEDULED", "FINISHED")
                value = random.choice(states if column == "status" else _TEXTS)
                update(f"UPDATE runs SET {column} = ? WHERE run_uuid = ?", value)
            case 2 | 3:
                where = random.choice(
                    (
                        self._outside.as_uri(),
                        str(self._outside),
                        f"file://host{self._outside}",
                        f"{self._store.runs[0].artifacts}/../../../../../../outside",
                        "s3://bucket/run",
                        "mlflow-artifacts:/0/run",
                        "nowhere://x",
                        "",
                        "relative",
                    )
                )
                update("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", where)
            case 4:
                key = random.choice(("val_accuracy", "best_val_accuracy", "training_seconds"))
                for table in ("metrics", "latest_metrics"):
                    update(
                        f"UPDATE {table} SET value = ?, is_nan = ? WHERE key = ? AND run_uuid = ?",
                        random.choice(_NUMBERS),
                        random.random() < 0.3,
                        key,
                    )
            case 5:
                key = random.choice(("data.name", "seed", "model.hidden", "optimizer.name"))
                update(
                    "UPDATE params SET value = ? WHERE key = ? AND run_uuid = ?",
                    random.choice(_TEXTS),
                    key,
                )
            case 6:
                key = random.choice(("data.name", "seed", "model.hidden", "optimizer.name"))
                update(
                    "UPDATE OR REPLACE params SET key = ? WHERE key = ? AND run_uuid = ?",
                    random.choice(_TEXTS)[:250],
                    key,
                )
            case 7:
                keys = (str(self._outside), "../../outside", "..", "", "\x1b[2J", "a/b", "0" * 32)
                update(
                    "UPDATE tags SET value = ? WHERE key = 'nnscratch.journal' AND run_uuid = ?",
                    random.choice(keys),
                )
            case _:
                update(
                    "UPDATE tags SET value = ? WHERE key = ? AND run_uuid = ?",
                    random.choice(_TEXTS),
                    random.choice(_TAGS),
                )


def _contents(folder: Path, *, without: Path) -> set[tuple[Path, int, bytes]]:
    """Path, mode and content of everything below ``folder``."""
    return {
        (path, path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
        if not path.is_relative_to(without.parent)
    }
