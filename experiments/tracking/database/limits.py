"""What every database connection of this process keeps to: time limits, and its own file.

They are events of SQLAlchemy, so they hold for the engines of MLflow and Optuna, too.
"""

import os
import select
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from experiments.errors import RunStoreError

TO_CONNECT, TO_ANSWER = 10, 30  # seconds that a database gets

_files: WeakKeyDictionary[Pool, os.stat_result | None] = WeakKeyDictionary()
"""The file of SQLite behind each pool of connections, as its first connection saw it."""

_CONNECTING = {
    "psycopg2": {
        "keepalives_idle": TO_ANSWER,  # the machine may be gone without a word
        "keepalives_interval": TO_CONNECT,
        "keepalives_count": 3,
        "tcp_user_timeout": 1000 * TO_ANSWER,  # ms
        "options": f"-c statement_timeout={TO_ANSWER}s",  # a lock that another client holds
    },
    "mysqldb": {
        "connect_timeout": TO_CONNECT,
        "read_timeout": TO_ANSWER,
        "write_timeout": TO_ANSWER,
    },
}
"""Arguments of each driver; those in the address of the database come first."""


def keep_to_limits() -> None:
    """Registers the events; further calls change nothing."""
    for target, name, listener in (
        (Engine, "do_connect", _limit),
        (Pool, "checkout", _check_file),
    ):
        if not event.contains(target, name, listener):
            event.listen(target, name, listener)


def _limit(dialect: Any, record: Any, arguments: Any, settings: dict[str, Any]) -> None:
    for key, value in _CONNECTING.get(dialect.driver, {}).items():
        settings.setdefault(key, value)
    if dialect.driver == "psycopg2":
        # libpq itself waits without limit for a server that is frozen.
        dialect.dbapi.extensions.set_wait_callback(partial(_wait, dialect.dbapi))


def _wait(psycopg2: Any, connection: Any) -> None:
    """Waits for PostgreSQL as libpq would, but not for ever."""
    states = psycopg2.extensions
    seconds = TO_CONNECT if connection.status == states.STATUS_SETUP else TO_ANSWER
    while (state := connection.poll()) != states.POLL_OK:
        channel = select.poll()
        channel.register(
            connection.fileno(), select.POLLIN if state == states.POLL_READ else select.POLLOUT
        )
        if not channel.poll(1000 * seconds):
            raise psycopg2.OperationalError(f"no answer within {seconds} seconds")


def _check_file(connection: Any, record: Any, proxy: Any) -> None:
    """Raises ``RunStoreError`` if the file of a connection was removed or replaced.

    SQLite would go on, and write to a file that no longer has a name, or to a new, empty one.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    if "file" not in record.info:
        record.info["file"] = connection.execute("PRAGMA database_list").fetchone()[2]
    file = Path(record.info["file"])
    now = file.stat() if file.is_file() else None
    if (first := _files.setdefault(proxy._pool, now)) is None:
        return  # a database without a file
    if now is None or not os.path.samestat(first, now):
        raise RunStoreError(
            f"{file} was removed or replaced while it was in use: what it held is lost"
        )
