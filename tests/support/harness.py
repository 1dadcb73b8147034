"""Running the harness as a user does, and reading back what it logged."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

import gate
import psutil

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.commands import logged_epochs as logged_epochs
from experiments.tracking import Place, RunStore

Process: TypeAlias = subprocess.Popen[str] | ForkedCommand

_READ_LATER = ("MLFLOW_", "NNSCRATCH_DATA", "RAY_")  # by no import of the fork server


def environment(**changes: str) -> dict[str, str]:
    """The environment of a user: no store is set but by what a test gives."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return {**inherited, **gate.VARIABLES, **changes}


def train(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``python -m experiments.train …`` in ``folder``."""
    return command(folder, "experiments.train", *arguments, **variables)


def command(
    folder: Path, module: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """``python -m module …`` in ``folder``, to its end.

    It is forked from a process that has done its imports, which would take most of the
    time, unless a variable is set that may be read by them.
    """
    return _completed(start(folder, *arguments, module=module, **variables))


def fresh_command(
    folder: Path, module: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The same in an interpreter of its own, as a user has it."""
    return _completed(_fresh(folder, module, *arguments, **variables))


def _fresh(folder: Path, module: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _completed(
    process: Process, *, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """What became of ``process``; a test that fails here does not leave it behind."""
    try:
        out, err = process.communicate(timeout=timeout)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode is not None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def store(folder: Path) -> RunStore:
    """The store that a command in ``folder`` wrote; an empty one if it wrote none."""
    return RunStore(f"sqlite:///{folder / 'mlflow.db'}", new=True)


def place(folder: Path, artifacts: Path | None = None) -> Place:
    """Where a command in ``folder`` logs its runs."""
    uri, journals = f"sqlite:///{folder / 'mlflow.db'}", folder / "mljournal"
    return Place(uri, "nnscratch", (artifacts or folder / "mlartifacts").as_uri(), journals)


def artifact(runs: RunStore, run_id: str, path: str) -> Path:
    """The file of a run's artifact, on this machine."""
    file = runs.local_artifact(runs.run(run_id), path)
    assert file is not None
    return file


def checkpoint(runs: RunStore, run_id: str, name: str = "best") -> Path:
    """The file of a run's checkpoint, on this machine."""
    return artifact(runs, run_id, f"checkpoints/{name}.npz")


def checkpoints(folder: Path, pattern: str) -> list[Path]:
    """The files of this name among the artifacts that a command in ``folder`` has logged so far."""
    return list((folder / "mlartifacts").rglob(pattern))


def workers_of(process: Process) -> list[psutil.Process]:
    """The processes that train for a sweep: the children of the server that forks them."""
    for child in psutil.Process(process.pid).children():
        if "resource_tracker" not in " ".join(child.cmdline()):
            return child.children()
    return []


def start(
    folder: Path, *arguments: str, module: str = "experiments.train", **variables: str
) -> Process:
    """Starts a command as a terminal does, in a process group of its own; see ``command``."""
    if not all(name.startswith(_READ_LATER) for name in variables):
        return _fresh(folder, module, *arguments, **variables)
    return ForkedCommand(module, arguments, folder, environment(**variables))


Answer = TypeVar("Answer")


def wait_for(ready: Callable[[], Answer], process: Process) -> Answer:
    """What ``ready`` returns as soon as that is true, while ``process`` runs."""
    deadline = time.monotonic() + 240
    while not (answer := ready()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run never got that far"
        time.sleep(0.05)
    return answer


def interrupt_when(
    folder: Path,
    ready: Callable[[], object],
    *arguments: str,
    presses: int = 1,
    send: Callable[[int, int], None] = os.killpg,  # as a terminal does: workers included
    number: signal.Signals = signal.SIGINT,
) -> subprocess.CompletedProcess[str]:
    """Starts a training, and presses Ctrl-C as soon as ``ready``."""
    process = start(folder, *arguments)
    try:
        wait_for(ready, process)
        send(process.pid, number)
        for _ in range(presses - 1):
            wait_for(lambda: asked_to_stop(folder), process)
            send(process.pid, number)
        out, err = process.communicate(timeout=240)
    finally:
        if process.poll() is None:  # a test that failed must not leave its training behind
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode is not None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def frozen(process: Process) -> Iterator[None]:
    """Stops the clock of a command and its workers: what happens meanwhile may take its time."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def asked_to_stop(folder: Path) -> bool:
    """Whether the command in ``folder`` has noted that its runs shall stop."""
    return any(folder.glob("*/*/*/stop"))
