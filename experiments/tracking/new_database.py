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

from experiments.whole_file import write_whole


@contextmanager
def copied_if_new(database: Path) -> Iterator[None]:
    """For opening a database with MLflow: if nothing is in there yet, it begins as the copy.

    The first one of all is made by MLflow within, and kept. Only for who holds the store's lock.
    """
    if database.exists() and database.stat().st_size:
        yield
        return
    kept = user_cache_path("nnscratch") / f"empty-mlflow-{VERSION}.db"
    copied = False
    # Whatever is wrong with the cache, MLflow can make the tables.
    with suppress(OSError, sqlite3.Error):
        if _sound(kept):
            write_whole(database.resolve(), kept.read_bytes())
            copied = True
    yield
    if not copied:
        with suppress(OSError, sqlite3.Error):
            write_whole(kept, _emptied(database))


def _sound(kept: Path) -> bool:
    with closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as empty:
        migrated = empty.execute("SELECT * FROM alembic_version").fetchall()
        return bool(migrated) and empty.execute("PRAGMA quick_check").fetchall() == [("ok",)]


def _emptied(database: Path) -> bytes:
    """Those of a copy without the default experiment.

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
