"""A command that begins in milliseconds: it is forked from a process that the tests share."""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from typing import NamedTuple, final

_SCRIPT = Path(__file__).with_name("fork_server.py")
_starting = threading.Lock()


@final
class ForkedCommand:
    """``python -m module arguments`` in ``folder``: what tests use of ``subprocess.Popen``.

    A process with a session, arguments, signals and an exit status of its own. But its
    interpreter and the libraries were there before it: a variable that they read when they
    start has no effect. When nobody refers to this object any more, the process is killed.
    """

    def __init__(
        self, module: str, arguments: tuple[str, ...], folder: Path, environment: dict[str, str]
    ) -> None:
        self.args = [sys.executable, "-m", module, *arguments]
        self.returncode: int | None = None
        with _starting:
            server = _server()
        variables = server.changes_to(environment)
        self._connection, theirs = Pipe()
        self._connection.send((module, arguments, str(folder), variables))
        self._readers = (_Reader(), _Reader())
        files = [theirs.fileno(), *(reader.end for reader in self._readers)]
        socket.send_fds(server.control, [b"+"], files)
        theirs.close()
        for reader in self._readers:
            os.close(reader.end)
            reader.start()
        self.pid: int = self._connection.recv()

    def poll(self) -> int | None:
        """The exit status if it has ended: that of a signal is negative."""
        return self._ended_within(0)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Output and errors, once all who could write there have ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for reader in self._readers:
            reader.join(_until(deadline))
        if any(r.is_alive() for r in self._readers) or self._ended_within(_until(deadline)) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        output, errors = (reader.text for reader in self._readers)
        return output, errors

    def _ended_within(self, seconds: float | None) -> int | None:
        if self.returncode is None and self._connection.poll(seconds):
            self.returncode = self._connection.recv()
            self._connection.close()
        return self.returncode


class _Reader(threading.Thread):
    """Reads what is written to ``end``, so that nobody has to wait who writes there."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._begin, self.end = os.pipe()
        self.text = ""

    def run(self) -> None:
        with os.fdopen(self._begin) as file:
            self.text = file.read()


class _Server(NamedTuple):
    """This process's side of the fork server."""

    control: socket.socket
    environment: dict[str, str]

    def changes_to(self, environment: dict[str, str]) -> dict[str, str | None]:
        """What a command sets (None: unsets); the rest stays as the imports have left it."""
        names = {*self.environment, *environment}
        return {
            name: environment.get(name)
            for name in names
            if environment.get(name) != self.environment.get(name)
        }


@cache
def _server() -> _Server:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    control, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, str(_SCRIPT), str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        cwd=_SCRIPT.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # no terminal: what is imported may look for one
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    theirs.close()

    def end() -> None:
        control.close()
        process.wait()

    atexit.register(end)
    return _Server(control, environment)


def _until(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)
