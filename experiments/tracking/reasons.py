"""The first contact with a store: does it answer, and if not, why, on one line without secrets."""

import sqlite3
from contextlib import closing

from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from experiments.errors import first_line

_SECONDS_TO_ANSWER = 10
_DRIVERS = {"psycopg2": "pip install -e '.[postgres]'", "MySQLdb": "pip install mysqlclient"}


def knock(uri: str) -> None:
    """Returns if the store behind a resolved URI answers; else raises whatever says why.

    MLflow itself would try for minutes.
    """
    scheme = make_url(uri).get_backend_name()
    if scheme == "sqlite":
        with closing(sqlite3.connect(make_url(uri).database or "")) as connection:
            # Readers (the MLflow UI, a progress bar) and writers then don't wait for each other.
            connection.execute("PRAGMA journal_mode=wal")
    elif scheme in ("http", "https"):
        # Whoever refuses does answer.
        http_request(
            get_default_host_creds(uri), "/health", "GET", timeout=_SECONDS_TO_ANSWER, max_retries=0
        )
    else:
        patience = {"connect_timeout": _SECONDS_TO_ANSWER} if scheme == "postgresql" else {}
        create_engine(uri, poolclass=NullPool, connect_args=patience).connect().close()


def reason(error: BaseException) -> str:
    """Why a store can't be opened, on one line, and how to mend it where that is known."""
    if isinstance(error, ModuleNotFoundError):
        cure = _DRIVERS.get(error.name or "", f"pip install {error.name}")
        return f"its driver is not installed: `{cure}` brings it"
    if isinstance(error, DBAPIError) and error.orig is not None:
        return first_line(error.orig)
    if isinstance(error, MlflowException):
        if error.get_http_status_code() == 401:
            return (
                "it wants another user or password: set MLFLOW_TRACKING_USERNAME and "
                "MLFLOW_TRACKING_PASSWORD"
            )
        return first_line(_origin(error))
    return first_line(error)


def _origin(error: BaseException) -> BaseException:
    """The first in the chain of errors that led to this one."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error
