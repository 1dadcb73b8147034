"""Opening the store: its health check, its lock, its experiments."""

import hashlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

# Before mlflow is imported, which is when it decides whether to report its usage.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
# This project itself says where to look at a run, once.
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
# MLflow waits minutes for a silent server, at every request; the journal can wait longer.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")

from mlflow import MlflowClient
from mlflow.entities import Experiment
from mlflow.exceptions import MlflowException
from mlflow.store import db_migrations
from mlflow.store.db.base_sql_model import Base
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from experiments.errors import RunStoreError, masked
from experiments.runtime.commands import python_command
from experiments.tracking.artifact_place import local_folder, prove
from experiments.tracking.database.address import detour, naming, read_only, sqlite_file
from experiments.tracking.database.creation import create_tables
from experiments.tracking.database.limits import TO_CONNECT, keep_to_limits
from experiments.tracking.database.versions import Program, same_version
from experiments.tracking.reasons import answering

_MLFLOW = Program(
    "MLflow",
    table="experiments",
    tables=frozenset(Base.metadata.tables),
    scripts=Path(db_migrations.__file__).parent,
    upgrade=lambda uri: python_command("mlflow", "db", "upgrade", uri),
)


def open_store(uri: str) -> MlflowClient:
    """A client of the store behind a resolved URI, created if it is new.

    Raises ``RunStoreError``, and ``StoreSilent`` if it may answer later.
    """
    with _opening(uri):
        if read_only(uri) is not None:
            raise RunStoreError(
                f"the run store {uri} can only be read: make its file and its folder writable, "
                "or choose another store with tracking.uri=sqlite:///FILE"
            )
        with creating(uri):
            if (file := sqlite_file(uri)) is not None:
                create_tables(file)
            return _client(uri)


def open_to_read(uri: str) -> MlflowClient:
    """The same, also for a store that can't be written to."""
    with _opening(uri):
        reading = read_only(uri)
        return open_store(uri) if reading is None else _client(reading)


def _opening(uri: str) -> AbstractContextManager[None]:
    # They print each error with a traceback, although they raise it as well.
    for chatter in ("alembic", "mlflow", "urllib3"):
        logging.getLogger(chatter).setLevel(logging.CRITICAL)
    return answering(f"the run store {masked(uri)}{detour(uri)} can't be opened")


def _client(uri: str) -> MlflowClient:
    with nullcontext() if uri.startswith("http") else same_version(uri, _MLFLOW):
        client = MlflowClient(uri)
        client.search_experiments(max_results=1)
        return client


@contextmanager
def creating(uri: str) -> Iterator[None]:
    """Holds the lock of a database that answers, while its tables are created.

    Two processes that migrate a new database at the same time break it.
    """
    keep_to_limits()
    with store_lock(uri):
        check_health(uri)
        yield


def check_health(uri: str) -> None:
    """Raises an error that says why, if the store behind a resolved URI does not answer.

    MLflow itself would try for minutes.
    """
    scheme = make_url(uri).get_backend_name()
    if scheme == "sqlite":
        with closing(sqlite3.connect(make_url(uri).database or "")) as connection:
            # Readers (the MLflow UI, a progress bar) and writers then don't wait for each other.
            connection.execute("PRAGMA journal_mode=wal")
    elif scheme in ("http", "https"):
        # A server that refuses the request does answer.
        http_request(
            get_default_host_creds(uri), "/health", "GET", timeout=TO_CONNECT, max_retries=0
        )
    else:
        create_engine(uri, poolclass=NullPool).connect().close()


def find_or_create_experiment(client: MlflowClient, name: str, artifacts: str) -> Experiment:
    """The experiment of that name, which is created if it is new.

    ``artifacts`` is the URI below which a new experiment keeps the files of its runs,
    unless a tracking server keeps them. Raises ``RunStoreError`` if the experiment was deleted,
    or the artifacts of a new one can't be kept.
    """
    found = client.get_experiment_by_name(name) or _create_experiment(client, name, artifacts)
    if found.lifecycle_stage != "active":
        restore = ("experiments", "restore", "--experiment-id", found.experiment_id)
        command = python_command("mlflow", *restore, **naming(client.tracking_uri))
        raise RunStoreError(
            f"tracking.experiment={name}: the experiment was deleted: `{command}` restores it, or "
            "choose another name"
        )
    return found


def _create_experiment(client: MlflowClient, name: str, artifacts: str) -> Experiment:
    location = None if client.tracking_uri.startswith("http") else artifacts
    if location is not None:
        place = local_folder(location) or location
        prove(location, client.tracking_uri, f"tracking.artifacts={place}")
    try:
        return client.get_experiment(client.create_experiment(name, location))
    except MlflowException:  # another process may have created it just now
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return found


def store_lock(uri: str) -> FileLock:
    """The lock of a whole store, see ``lock_file``."""
    return FileLock(lock_file(uri))


def lock_file(uri: str, *parts: str) -> Path:
    """The file for the lock of the store behind a resolved URI, or of what ``parts`` name in it.

    Beside an SQLite file, else in the user's cache, else in the folder for temporary files.
    """
    part = f".{_short_digest(*parts)}" if parts else ""
    name = f"nnscratch-store-{_short_digest(uri)}{part}.lock"
    file = sqlite_file(uri)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if os.access(file.parent, os.W_OK):
            return file.with_name(f"{file.name}{part}.lock")
    with suppress(OSError):  # on some clusters the home folder can't be written to
        return user_cache_path("nnscratch", ensure_exists=True) / name
    return Path(tempfile.gettempdir()) / name


def _short_digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
