"""A new SQLite database: a copy of an empty one that this MLflow has made before.

MLflow makes its tables by every migration that there ever was, which takes a second; a copy
takes a hundredth. The empty one is kept in the user's cache, one for each version of MLflow.
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
"""With the cache, whatever it is: MLflow can make the tables."""


@contextmanager
def copied_if_new(database: Path) -> Iterator[None]:
    """For opening a database with MLflow: if nothing is in there yet, it begins as the copy.

    The first one of all is made by MLflow within, and kept. Only for who holds the store's lock.
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
    """Whether the kept one was sound.

    SQLite itself copies it: another database that lay in the same place may have left its log.
    """
    with closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as empty:
        empty.execute("SELECT * FROM alembic_version")  # a file without any table is sound, too
        sound = empty.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        if sound:
            empty.backup(target)
        return sound


def _emptied(database: Path) -> bytes:
    """The bytes of a copy without the default experiment.

    That has a folder of its own in every database, and MLflow adds it where it is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "empty.db"
        with closing(sqlite3.connect(database)) as made:
            made.execute("VACUUM INTO ?", [str(copy)])
        with closing(sqlite3.connect(copy)) as empty:
            empty.execute("DELETE FROM experiments")
            empty.commit()
        return copy.read_bytes()
