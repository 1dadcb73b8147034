"""What a store refuses, and why: one line without passwords."""

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow.exceptions import MlflowException
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from experiments.errors import RunStoreError, first_line

_DRIVERS = {"psycopg2": "pip install -e '.[postgres]'", "MySQLdb": "pip install mysqlclient"}


@contextmanager
def explained(failure: str) -> Iterator[None]:
    """Errors of the store inside become a ``RunStoreError`` that begins with ``failure``."""
    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise RunStoreError(f"{failure}: {first_line(error)}") from error


def reason(error: BaseException) -> str:
    """Why a store can't be opened, on one line, and how to fix it where that is known."""
    if isinstance(error, ModuleNotFoundError):
        command = _DRIVERS.get(error.name or "", f"pip install {error.name}")
        return f"its driver is not installed: `{command}` installs it"
    if isinstance(error, DBAPIError) and error.orig is not None:
        return first_line(error.orig)
    if isinstance(error, MlflowException):
        if error.get_http_status_code() == 401:
            return (
                "it refuses this user or password: set MLFLOW_TRACKING_USERNAME and "
                "MLFLOW_TRACKING_PASSWORD"
            )
        return first_line(_origin(error))
    return first_line(error)


def _origin(error: BaseException) -> BaseException:
    """The first in the chain of errors that led to this one."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error
