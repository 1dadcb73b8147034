"""A PostgreSQL server on 127.0.0.1 that keeps its data in one folder."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self, final

from filelock import FileLock, Timeout

from experiments.errors import ServerError
from experiments.runtime.commands import install_command
from experiments.runtime.files import keep_secret

USER = "mlflow"
_SECONDS_TO_START, _SECONDS_TO_STOP = 60, 30
_PROGRAMS = Path("/usr/lib/postgresql")  # Debian's, one folder per version, not on the path


@final
class PostgresServer:
    """One PostgreSQL server, which can be started and stopped repeatedly; a context manager.

    ``folder`` holds the database cluster, its password and its log; the first start creates
    them. The port is chosen once and kept. PostgreSQL refuses to run as root: for root, the
    folder and the server belong to the user ``postgres`` of Debian's package. Raises
    ``ServerError`` if PostgreSQL or its driver for Python is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        if find_spec("psycopg2") is None:
            raise ServerError(f"psycopg2 is not installed: run `{install_command('postgres')}`")
        self._programs = _find_programs()
        as_postgres = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._owner: dict[str, Any] = as_postgres if os.geteuid() == 0 else {}
        self._port = free_port()
        self._lock = FileLock(f"{self._folder}.lock")
        self.process: subprocess.Popen[Any] | None = None

    @property
    def uri(self) -> str:
        """The address of the database ``mlflow``, with the password in it."""
        return self._uri("mlflow")

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self.process is not None and self.process.poll() is None

    @property
    def _password(self) -> str:
        return (self._folder / "password").read_text()

    def _uri(self, database: str) -> str:
        return f"postgresql+psycopg2://{USER}:{self._password}@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Returns as soon as it takes connections. Raises ``ServerError``."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ServerError(f"{self._folder} is in use by another process") from None
        try:
            self._initialize()
            self._end_orphan()
            self._launch()
            self.create_database("mlflow")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends all connections and writes everything to the disk."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                self.process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        self._lock.release()

    def create_database(self, name: str) -> str:
        """The address of a database, which is created if it is new."""
        query = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
        psql = ["psql", *self._connection, "--dbname=postgres", "--no-align", "--tuples-only"]
        if not self._run(*psql, f"--command={query}").strip():
            self._run("createdb", *self._connection, name)
        return self._uri(name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- the steps of a start -----------------------------------------------------------

    def _initialize(self) -> None:
        """Creates the cluster, unless there is one: whole or not at all."""
        if self._data.is_dir():
            return
        self._folder.mkdir(exist_ok=True)
        password = self._folder / "password"
        keep_secret(password, secrets.token_urlsafe(24))
        if self._owner:
            for path in (self._folder, password):
                shutil.chown(path, "postgres", "postgres")
        self._folder.chmod(0o700)
        unfinished = self._folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        access = [f"--username={USER}", f"--pwfile={password}", "--auth=scram-sha-256"]
        language = ["--encoding=UTF8", "--locale=C"]
        self._run("initdb", f"--pgdata={unfinished}", *access, *language)
        unfinished.rename(self._data)

    def _end_orphan(self) -> None:
        """Stops a server whose starter was killed: it has another port."""
        if (self._data / "postmaster.pid").exists():
            data = f"--pgdata={self._data}"
            if self._call("pg_ctl", "status", data).returncode == 0:
                self._run("pg_ctl", "stop", data, "--mode=fast")

    def _launch(self) -> None:
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories="]
        command = [self._programs / "postgres", "-D", self._data, "-p", str(self._port)]
        log_file = self._folder / "log"
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                command + [word for setting in settings for word in ("-c", setting)],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C must not reach it
                **self._owner,
            )
        self.process = process
        deadline = time.monotonic() + _SECONDS_TO_START
        while self._call("pg_isready", *self._connection).returncode != 0:
            if process.poll() is not None or time.monotonic() > deadline:
                last = log_file.read_text(errors="replace").strip().rpartition("\n")[2]
                raise ServerError(f"PostgreSQL does not start, see {log_file}: {last}")
            time.sleep(0.1)

    # --- PostgreSQL's programs ----------------------------------------------------------

    @property
    def _connection(self) -> list[str]:
        return ["--host=127.0.0.1", f"--port={self._port}", f"--username={USER}"]

    def _run(self, program: str, *arguments: str) -> str:
        """The output of a program. Raises ``ServerError`` if it fails."""
        done = self._call(program, *arguments)
        if done.returncode != 0:
            raise ServerError(f"{program} failed: {' '.join(done.stderr.split())}")
        return done.stdout

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._programs / program, *arguments],
            env={**os.environ, "PGPASSWORD": self._password},
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **self._owner,
        )


def free_port() -> int:
    """A free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _find_programs() -> Path:
    """The folder with ``initdb`` and ``postgres``: on the path, else Debian's newest."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    versions = [file.parent for file in _PROGRAMS.glob("*/bin/initdb")]
    if not versions:
        raise ServerError(
            "PostgreSQL is not installed: run `apt-get install postgresql` on Debian and Ubuntu; "
            "elsewhere, put the folder of its initdb on the PATH"
        )
    return max(versions, key=lambda folder: float(folder.parent.name))
