"""A new SQLite database of MLflow in milliseconds: a copy of one that MLflow has made.

MLflow runs all its migrations for each new database, which takes longer than the runs of most
tests. A command in an interpreter of its own still does.
"""

import sqlite3
from contextlib import closing
from functools import cache

from mlflow.store.db import utils
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.pool import StaticPool

_migrate = utils._initialize_tables


def copy_new_databases() -> None:
    """From now on in this process and those that it forks."""
    _empty_database()
    utils._initialize_tables = _initialize


def _initialize(engine: Engine) -> None:
    if engine.dialect.name != "sqlite" or inspect(engine).get_table_names():
        _migrate(engine)
        return
    with closing(engine.raw_connection()) as connection:
        target = connection.driver_connection
        assert isinstance(target, sqlite3.Connection)
        _empty_database().backup(target)


@cache
def _empty_database() -> sqlite3.Connection:
    """In memory; a process that is forked has it too."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    _migrate(create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool))
    return database
