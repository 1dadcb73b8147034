"""Errors of stores: one line each, and whether they may pass."""

import sqlite3
import ssl
from collections.abc import Callable

import pytest
import requests
from mlflow.exceptions import MlflowException, RestException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from experiments.errors import RunStoreError, StoreSilent
from experiments.tracking.reasons import answering


def refused(uri: str) -> Callable[[], object]:
    """What an artifact repository does that can't be built or reached."""
    return lambda: get_artifact_repository(uri, "sqlite:///mlflow.db").list_artifacts()


def raised(error: Exception, cause: Exception | None = None) -> Callable[[], object]:
    def fail() -> None:
        raise error from cause

    return fail


def locked_file() -> None:
    with sqlite3.connect("file:locked?mode=memory&cache=shared", uri=True) as first:
        first.execute("CREATE TABLE t (x)")
        with sqlite3.connect("file:locked?mode=memory&cache=shared", uri=True) as second:
            second.execute("INSERT INTO t VALUES (1)")
            first.execute("INSERT INTO t VALUES (2)")


def answer(status: int) -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError(f"{status} for an artifact", response=response)


def postgres(message: str, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("SELECT 1", {}, Exception(message))


PASSING = {
    "server away": lambda: requests.get("http://127.0.0.1:1"),
    "artifact server away": refused("ftp://127.0.0.1:1/x"),
    "server overloaded": raised(RestException({"error_code": "TEMPORARILY_UNAVAILABLE"})),
    "artifact server restarting": raised(answer(503)),
    "a proxy instead of the server": raised(MlflowException("API request to /x: 502 != 200")),
    "locked SQLite": locked_file,
    "a row that another process wrote": raised(
        MlflowException("datasets"), cause=postgres("UNIQUE constraint failed", IntegrityError)
    ),
    "PostgreSQL restarting": raised(postgres("FATAL:  the database system is starting up")),
    "MLflow's own": raised(
        MlflowException("database"), cause=postgres("server closed the connection")
    ),
}
FINAL = {
    "unknown scheme": refused("foo://bucket/x"),
    "artifacts of a server, in a database": refused("mlflow-artifacts:/1"),
    "missing library": raised(ModuleNotFoundError("No module named 'boto3'", name="boto3")),
    "no permission": raised(RestException({"error_code": "PERMISSION_DENIED"})),
    "no permission for an artifact": raised(answer(403)),
    "a table that is gone": raised(postgres("relation is missing", ProgrammingError)),
    "wrong password": raised(postgres('FATAL:  password authentication failed for user "me"')),
    "not a database": lambda: sqlite3.connect(":memory:").execute("SELECT * FROM nothing"),
    "certificate": raised(
        requests.exceptions.SSLError("failed"), cause=ssl.SSLCertVerificationError("self-signed")
    ),
    "anything else": raised(KeyError("unexpected\nin a library")),
}


@pytest.mark.parametrize("call", PASSING.values(), ids=PASSING)
def test_what_may_pass_is_a_silent_store(call: Callable[[], object]) -> None:
    with pytest.raises(StoreSilent, match=r"^the store: .+"), answering("the store"):
        call()


@pytest.mark.parametrize("call", FINAL.values(), ids=FINAL)
def test_what_no_attempt_would_change_is_final(call: Callable[[], object]) -> None:
    with pytest.raises(RunStoreError) as error, answering("the store"):
        call()
    assert not isinstance(error.value, StoreSilent)
    assert "\n" not in str(error.value)
