"""A new SQLite database of MLflow: it has all its tables at once."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from mlflow.store.db import utils
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool


def create_tables(file: Path) -> None:
    """Gives an empty database the tables of MLflow, in one transaction.

    A database that has tables stays as it is. MLflow itself commits after each step of its
    migrations. A kill or a power cut between two of them would leave tables that it takes for
    those of an older version.
    """
    with closing(sqlite3.connect(file)) as database:
        if database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            with closing(sqlite3.connect(":memory:")) as new:
                new.deserialize(new_database())
                new.backup(database)


@cache
def new_database() -> bytes:
    """The file of a database without runs. MLflow needs seconds for its first one."""
    with closing(sqlite3.connect(":memory:")) as database:
        utils._initialize_tables(
            create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool)
        )
        return database.serialize()
