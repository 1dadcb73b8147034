"""Where the runs are stored, and how a process gets hold of the store."""

import hashlib
import logging
import os
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock
from platformdirs import user_cache_path

# Before mlflow is imported: it decides then whether to report usage to its makers.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

DEFAULT_URI = "sqlite:///mlflow.db"
_SQLITE = "sqlite:///"
_SCHEMES = ("sqlite", "postgresql", "mysql", "mssql", "http", "https")


class RunStoreError(Exception):
    """A store or a run that can't be read or written; the message is one line and says why."""


def resolve_uri(uri: str | None) -> str:
    """``uri``, else MLFLOW_TRACKING_URI, else the SQLite file in the working directory.

    SQLite paths come back absolute, so that workers with another working directory
    write to the same file. Raises ``RunStoreError`` for a URI that MLflow can't keep runs in.
    """
    uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
    if uri.partition("://")[0].partition("+")[0] not in _SCHEMES:
        raise RunStoreError(
            f"tracking.uri={uri}: expected sqlite:///FILE, postgresql://…, or the http(s):// "
            "address of an MLflow server"
        )
    if uri.startswith(_SQLITE):
        return _SQLITE + str(Path(uri.removeprefix(_SQLITE)).absolute())
    return uri


def sqlite_file(uri: str) -> Path | None:
    """The database file behind a resolved URI, if it is SQLite."""
    return Path(uri.removeprefix(_SQLITE)) if uri.startswith(_SQLITE) else None


def local_folder(artifact_uri: str) -> Path | None:
    """The folder behind an artifact URI, if it is on this machine's disks."""
    parts = urlsplit(artifact_uri)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return Path(artifact_uri) if Path(artifact_uri).is_absolute() else None


def open_store(uri: str) -> MlflowClient:
    """A client of the store behind a resolved URI, created and migrated if it is new.

    Two processes that meet a fresh database race in its migration and break it for
    good, hence the lock per store. Raises ``RunStoreError``.
    """
    for chatter in ("alembic", "mlflow"):
        logging.getLogger(chatter).setLevel(logging.WARNING)
    try:
        with _lock(uri):
            _prepare_sqlite(uri)
            client = MlflowClient(uri)
            client.search_experiments(max_results=1)
    except (MlflowException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise RunStoreError(f"the run store {uri} can't be opened: {first_line(error)}") from error
    return client


def first_line(error: BaseException) -> str:
    """What an error says, on one line."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _lock(uri: str) -> FileLock:
    name = hashlib.sha256(uri.encode()).hexdigest()[:16]
    try:
        folder = user_cache_path("nnscratch", ensure_exists=True)
    except OSError:  # a home that can't be written, as on some clusters
        folder = Path(tempfile.gettempdir())
    return FileLock(folder / f"nnscratch-store-{name}.lock")


def _prepare_sqlite(uri: str) -> None:
    file = sqlite_file(uri)
    if file is not None and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file)
        # Readers (the MLflow UI, a progress bar) and writers then don't wait for each other.
        connection.execute("PRAGMA journal_mode=wal")
        connection.close()
