"""An MLflow server on 127.0.0.1 for any store."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self, final
from urllib.request import urlopen

from experiments.errors import ServerError, masked
from experiments.servers.address import local_address

_SECONDS_TO_START, _SECONDS_TO_STOP = 120, 5
_APP = "experiments.tracking.server.app"


def check_port(port: int) -> None:
    """Raises ``ServerError`` if no server could listen there, on 127.0.0.1."""
    if not 1 <= port <= 65535:
        raise ServerError(f"--port {port}: expected 1 to 65535")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ServerError(f"--port {port}: this port is in use: choose another")


@final
class MlflowServer:
    """One MLflow server, which can be started and stopped repeatedly; a context manager.

    ``artifacts`` is the folder for the artifacts of all experiments: only its owner can enter it,
    and the server touches no other files. Without it, the server shows the files of experiments
    that have others. ``log`` is the file for its output, which else goes to the terminal.
    ``users`` is the environment of MLflow's basic auth: then the server requires a password. The
    server ends when this process does.
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
        self._port, self._log, self._artifacts = port, log, artifacts
        app = "create_ui" if artifacts is None else "create_server"
        self._command = [sys.executable, "-m", "uvicorn", "--factory", f"{_APP}:{app}"]
        self._command += ["--host", "127.0.0.1", "--port", str(port)]
        self._command += ["--timeout-graceful-shutdown", str(_SECONDS_TO_STOP)]
        # Not in the command, which all users of the machine can read: it holds the password.
        self._environment = {
            **os.environ,
            "MLFLOW_BACKEND_STORE_URI": store_uri,
            "MLFLOW_ARTIFACTS_DESTINATION": str((artifacts or Path("mlartifacts")).absolute()),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            **(users or {}),
        }
        self.process: subprocess.Popen[Any] | None = None

    @property
    def uri(self) -> str:
        """Its address."""
        return local_address(self._port)

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Returns as soon as it answers. Raises ``ServerError``."""
        check_port(self._port)
        if self._artifacts is not None:
            self._artifacts.mkdir(parents=True, exist_ok=True)
            self._artifacts.chmod(0o700)
        if self._log is not None:
            self._log.touch()
            self._log.chmod(0o600)
        with nullcontext() if self._log is None else self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,  # closed by the death of this process
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C must not reach it
                umask=0o077,
            )
        try:
            self._wait_for_answer(self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Returns when it has ended."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.communicate(timeout=2 * _SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
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
                raise ServerError(f"the MLflow server does not start{self._reason()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.uri}/health", timeout=5).close()
        except OSError:
            return False
        return True

    def _reason(self) -> str:
        if self._log is None:
            return ""
        last = self._log.read_text(errors="replace").strip().rpartition("\n")[2]
        return f", see {self._log}: {masked(last)}"
