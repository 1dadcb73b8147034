"""What a store or an artifact repository raises, as one error with one line: silent or final.

MLflow, its database, its server and its artifact repositories each have errors of their own. Every
call of theirs goes through ``answering``, so the rest of the program knows two: ``StoreSilent``
may pass, and the call is worth another attempt; any other ``RunStoreError`` is final.
"""

import re
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from mlflow.exceptions import MlflowException, RestException
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from experiments.errors import RunStoreError, StoreSilent, UserError, first_line
from experiments.runtime.commands import install_command, python_command

_PACKAGES = {
    "MySQLdb": ("mysqlclient",),
    "google": ("google-cloud-storage",),
    "azure": ("azure-storage-blob", "azure-storage-file-datalake", "azure-identity"),
}
"""What to install for a missing module, if it has another name."""

_PAGE = re.compile(r"Response body: '\s*<(!doctype|html)", re.IGNORECASE)
"""How MLflow reports an answer that is no JSON but HTML."""

_REFUSALS = (
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "RESOURCE_ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "CUSTOMER_UNAUTHORIZED",
)
"""MLflow's error codes for a call that no later attempt would make valid."""

_LOST = (OperationalError, InterfaceError)
"""Errors of the connection to a database, not of the statement."""

_BUSY_SQLITE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_PROTOCOL,
)
"""SQLite's primary error codes, 8 bits, for a file that is locked or a disk that is full."""

_CLOSED_DATABASE = re.compile(
    r"authentication failed|access denied|no pg_hba\.conf entry|permission denied|does not exist|"
    r"unknown database|is not permitted to|certificate",
    re.IGNORECASE,
)
"""How PostgreSQL and MySQL refuse a connection. Their drivers give no code for it."""


@contextmanager
def answering(failure: str, *, advice: str = "") -> Iterator[None]:
    """Any error inside becomes one line that begins with ``failure`` and ends with ``advice``.

    Raises ``StoreSilent`` if the error may pass, and ``RunStoreError`` if it is final. An error
    that is a ``UserError`` already stays as it is.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        kind = StoreSilent if may_pass(error) else RunStoreError
        raise kind(": ".join(filter(None, (failure, reason(error), advice)))) from error


def may_pass(error: BaseException) -> bool:
    """Whether the same call may succeed later, without anybody's help.

    A server that is away, a locked database and one that restarts pass. Missing permissions,
    credentials or libraries, unknown addresses and untrusted certificates do not.
    """
    chain = list(_chain(error))
    if any(isinstance(e, ImportError | ssl.SSLCertVerificationError) for e in chain):
        return False
    # The outermost error knows best: it was raised with the others in view.
    return next((known for e in chain if (known := _may_pass(e)) is not None), False)


def reason(error: BaseException) -> str:
    """Why a call failed, on one line, and how to fix it where that is known."""
    *_, origin = chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, ModuleNotFoundError):
            name = (cause.name or "").partition(".")[0]
            packages = _PACKAGES.get(name, (name,))
            command = (
                install_command("postgres")
                if name == "psycopg2"
                else python_command("pip", "install", *packages)
            )
            return f"its driver is not installed: `{command}` installs it"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({first_line(cause)}): set REQUESTS_CA_BUNDLE "
                "to the file of the authority that signed it"
            )
        if isinstance(cause, DBAPIError) and cause.orig is not None:
            return first_line(cause.orig)
        if isinstance(cause, MlflowException | requests.HTTPError) and _status(cause) == 401:
            return (
                "it refuses this user or password: set MLFLOW_TRACKING_USERNAME and "
                "MLFLOW_TRACKING_PASSWORD"
            )
        if isinstance(cause, MlflowException) and _PAGE.search(str(cause)):
            return (
                "a web page answered, not an MLflow server: give the address of the server, such "
                "as http://HOST:5000, without the path of a page"
            )
    return first_line(origin if isinstance(error, MlflowException) else error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that led to it, latest first."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _may_pass(error: BaseException) -> bool | None:
    """The same for one error of the chain; None if it does not tell."""
    match error:
        case StoreSilent():
            return True
        case RestException():  # the server's answer
            return error.error_code not in _REFUSALS
        case MlflowException() if error.__cause__ is None and error.__context__ is None:
            # What MLflow refuses by itself has no code; an answer that is not its server's says so.
            own = error.error_code == "INTERNAL_ERROR" and not str(error).startswith("API request")
            return not own and error.error_code not in _REFUSALS
        case MlflowException():
            return None  # the error that it wraps decides
        case sqlite3.OperationalError():
            return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY_SQLITE
        case IntegrityError():
            return True  # another process has written the same row a moment ago
        case DBAPIError(orig=sqlite3.Error() as origin):
            return bool(_may_pass(origin))
        case DBAPIError():
            lost = error.connection_invalidated or isinstance(error, _LOST)
            return lost and _CLOSED_DATABASE.search(str(error.orig)) is None
        case PoolTimeout() | PendingRollbackError():
            return True
    status = _status(error)
    if status is not None:
        return status >= 500 or status in (408, 425, 429)
    if isinstance(error, requests.RequestException):
        return not isinstance(error, ValueError)  # it is one if the address is invalid
    away = isinstance(error, ConnectionError | TimeoutError | socket.gaierror)
    return True if away else None


def _status(error: BaseException) -> int | None:
    """The HTTP status with which a server answered, wherever its library keeps it."""
    if isinstance(error, MlflowException):
        return error.get_http_status_code()
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):  # of boto
        answer = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    places = (answer, getattr(answer, "status_code", None))
    places += (getattr(error, "status_code", None), getattr(error, "code", None))  # Azure, Google
    return next((int(found) for found in places if isinstance(found, int)), None)
