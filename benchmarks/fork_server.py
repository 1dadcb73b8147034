"""``python fork_server.py SOCKET``: a process that has done the imports of every command.

Those take seconds, the rest of a small command does not. The server opens no store and has
no threads of its own, and it ends with the process at the other end of the socket. What it
gets from there are three files for each command: a connection, the output, the errors.
"""

import gc
import importlib
import os
import runpy
import signal
import socket
import sys
from multiprocessing import util
from multiprocessing.connection import Connection, wait
from typing import NamedTuple, NoReturn

# None that is run as a command, or imports one: a module runs once, and runpy wants it new.
MODULES = (
    "experiments.sweeps.local_launcher",
    "experiments.runs.ranking",
    "experiments.reporting.search_plots",
    "experiments.reporting.sweep_plots",
    "experiments.training.run",
    "experiments.search.search",
    "experiments.search.job",
    "experiments.sweeps.job",
    "experiments.sweeps.sweep",
    "experiments.search.trials",
    "mlflow.store.tracking.sqlalchemy_store",
    "sklearn.datasets",
)


class Request(NamedTuple):
    """``python -m module arguments`` in ``folder``, with variables of which None is to unset."""

    module: str
    arguments: tuple[str, ...]
    folder: str
    variables: dict[str, str | None]


def serve(control: socket.socket) -> Request | None:
    """Returns in the process of each command; in the server at its end, with None."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    while True:
        asked, files, *_ = socket.recv_fds(control, 1, 3)
        if not asked:
            return None
        if os.fork() == 0:
            break
        for file in files:
            os.close(file)
    control.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection = Connection(files[0])
    request = Request(*connection.recv())
    if pid := os.fork():
        keep(pid, connection, files[1:])
    os.setsid()
    connection.send(os.getpid())  # now that signals for its group will find it
    connection.close()
    for number, file in enumerate(files[1:], start=1):
        os.dup2(file, number)
        os.close(file)
    return request


def keep(pid: int, connection: Connection, files: list[int]) -> NoReturn:
    """The parent of one command: tells how it ended, as ``subprocess`` has it.

    A command that its test has lost, because one of them failed, is killed.
    """
    for file in files:
        os.close(file)
    if connection in wait([connection, os.pidfd_open(pid)]):
        os.killpg(pid, signal.SIGKILL)
    else:
        end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert end is not None
        connection.send(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status)
        connection.poll(None)  # until that is heard, its group takes signals like any child's
    os.waitpid(pid, 0)
    os._exit(0)


def run(request: Request) -> None:
    """What the interpreter does for ``python -m``."""
    os.chdir(request.folder)
    for name, value in request.variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    added = request.variables.get("PYTHONPATH") or ""  # else it stays as the imports have left it
    sys.path[:0] = [request.folder, *filter(None, added.split(os.pathsep))]
    util.spawnv_passfds = spawn
    sys.argv = ["-m", *request.arguments]
    runpy.run_module(request.module, run_name="__main__", alter_sys=True)


_spawn = util.spawnv_passfds


def spawn(path: bytes, arguments: list[str], files: list[int]) -> int:
    """How the command starts the server of its own workers: that is spared the imports, too."""
    code = arguments[-1]
    if "multiprocessing.forkserver" not in code:
        return _spawn(path, arguments, files)
    if pid := os.fork():
        return pid
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        first, second = sorted(files)
        os.closerange(3, first)
        os.closerange(first + 1, second)
        os.closerange(second + 1, os.sysconf("SC_OPEN_MAX"))
        exec(code, {})
    finally:
        os._exit(0)


if __name__ == "__main__":
    del sys.path[0]  # the folder of this script
    for module in MODULES:
        importlib.import_module(module)
    importlib.import_module("experiments.tracking.database.creation").new_database()
    gc.freeze()
    if (wanted := serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        run(wanted)
