"""An MLflow server on 127.0.0.1 for any store."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self, final
from urllib.request import urlopen

from experiments.errors import ServerError
from experiments.servers.address import local_address

_SECONDS_TO_START, _SECONDS_TO_STOP = 120, 5

# With one worker and no job executor: a twentieth of the default number of processes.
_LEAN = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


def check_port(port: int) -> None:
    """Raises ``ServerError`` if no server could listen there, on 127.0.0.1."""
    if not 0 < port < 65536:
        raise ServerError(f"--port {port}: expected 1 to 65535")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ServerError(f"--port {port}: this port is in use: choose another")


@final
class MlflowServer:
    """One MLflow server, which can be started and stopped repeatedly; a context manager.

    ``artifacts`` is the folder for the artifacts of new experiments, and ``log`` the file for
    its output, which else goes to the terminal. ``users`` is the environment of MLflow's basic
    auth: then the server requires a password.
    """

    def __init__(
        self,
        store_uri: str,
        artifacts: Path | None = None,
        *,
        port: int,
        log: Path | None = None,
        users: Mapping[str, str] | None = None,
    ) -> None:
        self._port, self._log = port, log
        self._command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
        self._command += ["--host", "127.0.0.1", "--port", str(port)]
        if artifacts is not None:
            self._command += ["--artifacts-destination", str(artifacts.absolute())]
        if users is not None:
            self._command += ["--app-name", "basic-auth"]
        # Not in the command, which all users of the machine can read: it holds the password.
        store = {"MLFLOW_BACKEND_STORE_URI": store_uri}
        self._environment = {**os.environ, **_LEAN, **store, **(users or {})}
        self.process: subprocess.Popen[Any] | None = None

    @property
    def uri(self) -> str:
        """Its address."""
        return local_address(self._port)

    def start(self) -> None:
        """Returns as soon as it answers. Raises ``ServerError``."""
        check_port(self._port)
        with nullcontext() if self._log is None else self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # in a process group of its own, for ``stop``
            )
        try:
            self._wait_for_answer(self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends it; returns when all its processes are gone."""
        if self.process is None:
            return
        self._signal(signal.SIGTERM)
        self.process.wait()
        # Its workers are children of that process, which this process can't wait for.
        deadline = time.monotonic() + _SECONDS_TO_STOP
        while self._signal(0) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal(signal.SIGKILL)
        self.process = None

    def wait(self) -> int:
        """Waits for its end; returns its exit status."""
        assert self.process is not None
        return self.process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_for_answer(self, process: subprocess.Popen[Any]) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                where = "" if self._log is None else f", see {self._log}"
                raise ServerError(f"the MLflow server does not start{where}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.uri}/health", timeout=5).close()
        except OSError:
            return False
        return True

    def _signal(self, number: int) -> bool:
        """Sends a signal to all its processes; returns whether there are any."""
        assert self.process is not None
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True
