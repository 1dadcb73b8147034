"""A new SQLite database starts as a copy of an empty one that MLflow has made before.

MLflow creates its tables by running all its migrations, which takes a second; a copy takes
10 ms. The user's cache keeps the empty database, one for each version of MLflow.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mlflow.version import VERSION
from platformdirs import user_cache_path

from experiments.runtime.files import write_whole

_TROUBLE = (OSError, ValueError, sqlite3.Error)
"""Problems with the cache are ignored: MLflow can create the tables."""


@contextmanager
def copied_if_new(database: Path) -> Iterator[None]:
    """While a database is opened with MLflow: an empty one becomes the copy first.

    If there is no copy yet, MLflow creates the tables inside, and they are kept. The caller
    holds the lock of the store.
    """
    kept = user_cache_path("nnscratch") / f"empty-mlflow-{VERSION}.db"
    new = copied = False
    with suppress(*_TROUBLE), closing(sqlite3.connect(database)) as target:
        new = not target.execute("SELECT * FROM sqlite_master").fetchall()
        if new and kept.exists():
            copied = _copy(kept, target)
    yield
    if new and not copied:
        with suppress(*_TROUBLE):
            write_whole(kept, _emptied(database))


def _copy(kept: Path, target: sqlite3.Connection) -> bool:
    """Copies the kept database if it is sound; returns whether it was.

    SQLite itself copies it, because an earlier database in the same place may have left a log.
    """
    with closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as empty:
        empty.execute("SELECT * FROM alembic_version")  # quick_check accepts no tables
        sound = empty.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        if sound:
            empty.backup(target)
        return sound


def _emptied(database: Path) -> bytes:
    """The bytes of a copy without the default experiment.

    The folder of that experiment differs between databases; MLflow adds it if it is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "empty.db"
        with closing(sqlite3.connect(database)) as made:
            made.execute("VACUUM INTO ?", [str(copy)])
        with closing(sqlite3.connect(copy)) as empty:
            empty.execute("DELETE FROM experiments")
            empty.commit()
        return copy.read_bytes()
