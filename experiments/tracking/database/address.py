"""The address of a store, and the way to it."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from experiments.errors import RunStoreError, UserError, masked
from experiments.runtime.paths import is_address, local_path

DEFAULT_URI = "sqlite:///mlflow.db"
_VARIABLE = "MLFLOW_TRACKING_URI"
_SCHEMES = ("sqlite", "postgresql", "mysql", "mssql", "http", "https")


def resolve_uri(uri: str | None) -> str:
    """``uri``, else MLFLOW_TRACKING_URI, else the SQLite file in the working directory.

    SQLite paths become absolute, so that workers with another working directory
    write to the same file. The address of a page of the MLflow UI becomes the address of its
    server. Raises ``RunStoreError`` for a URI that can't be a run store.
    """
    key = "tracking.uri" if uri else _VARIABLE
    uri = (uri or os.environ.get(_VARIABLE) or DEFAULT_URI).strip()
    url = _parsed(uri)
    if url is None:
        raise RunStoreError(
            f"{key}={masked(uri)}: expected sqlite:///FILE, postgresql://…, or the http(s):// "
            f"address of an MLflow server{_guess(uri)}"
        )
    if url.drivername == "postgresql":  # SQLAlchemy 2.0 and 2.1 mean different drivers by it
        return uri.replace("postgresql", "postgresql+psycopg2", 1)
    if url.get_backend_name() in ("http", "https"):
        return uri.partition("#")[0].rstrip("/")
    if url.get_backend_name() != "sqlite":
        return uri
    file = local_path(url.database or "", key).absolute()
    # Rendered: a ? or % in the name of a folder is then quoted.
    absolute = url.set(drivername="sqlite", database=str(file))
    return absolute.render_as_string(hide_password=False)


def _parsed(uri: str) -> URL | None:
    """None if ``uri`` can't be a run store."""
    with suppress(ArgumentError, ValueError):
        url = make_url(uri)
        file = url.database not in (None, "", ":memory:") and url.host is None
        if url.get_backend_name() in _SCHEMES and (file or url.get_backend_name() != "sqlite"):
            return url
    return None


def _guess(uri: str) -> str:
    """What may be meant, as the end of a message."""
    host, _, rest = uri.partition(":")
    if not is_address(uri) and host and rest.partition("/")[0].isdecimal():
        return f"; did you mean http://{uri.partition('#')[0].rstrip('/')}?"
    if uri.endswith((".db", ".sqlite", ".sqlite3")):
        return f"; did you mean sqlite:///{uri.partition('://')[2] or uri}?"
    return ""


def sqlite_file(uri: str) -> Path | None:
    """The database file behind a resolved URI, or what ``read_only`` returned, if it is SQLite."""
    return local_path(make_url(uri).database or "", uri) if uri.startswith("sqlite") else None


def naming(uri: str) -> dict[str, str]:
    """The variable that makes a command use the store behind a resolved URI; passwords masked."""
    return {_VARIABLE: masked(uri)}


def elsewhere(uri: str) -> dict[str, str]:
    """The same for a command of this project; empty if that uses this store anyway.

    The variable is named also where it is set, maybe for one command only; but not if that would
    hide a password that it holds.
    """
    try:
        usual = resolve_uri(None) == uri
    except UserError:  # the variable holds something else
        usual = False
    if usual and (uri == resolve_uri(DEFAULT_URI) or masked(uri) != uri):
        return {}
    return naming(uri)


def detour(uri: str) -> str:
    """The proxy on the way to a server, to follow its address; empty if there is none."""
    parts = urlsplit(uri)
    proxy = getproxies().get(parts.scheme)
    if parts.hostname is None or proxy is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    return f" (through the proxy {masked(proxy)}; no_proxy={parts.hostname} avoids it)"


def read_only(uri: str) -> str | None:
    """The URI that reads an SQLite store without writing; None if the store can be written to.

    Raises ``RunStoreError`` if the newest entries of a store that can't be written to are out of
    reach. What others log later may be missed, unless they had the store open before.
    """
    file = sqlite_file(uri)
    if file is None or not file.exists() or _takes_writes(file):
        return None
    query = {"mode": "ro", "uri": "true"}
    log = file.with_name(f"{file.name}-wal")
    if not log.exists() or not log.stat().st_size:
        query["immutable"] = "1"  # else SQLite would need files beside it
    elif not file.with_name(f"{file.name}-shm").exists():
        raise RunStoreError(
            f"{file} can't be read where it is: its newest entries are in {log.name}, which "
            f"SQLite reads only in a folder that is writable; copy both files into one"
        )
    # The driver is named, else MLflow makes a folder with the name of the address.
    reading = URL.create("sqlite+pysqlite", database=file.as_uri(), query=query)
    return reading.render_as_string(hide_password=False)


def _takes_writes(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
