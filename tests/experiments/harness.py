"""Running the harness as a user does, and reading back what it logged."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from experiments.tracking import RunStore


def environment(**changes: str) -> dict[str, str]:
    """The environment of a user: no store is set but by what a test gives."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return {**inherited, **changes}


def train(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``python -m experiments.train …`` in ``folder``."""
    return command(folder, "experiments.train", *arguments, **variables)


def command(
    folder: Path, module: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """``python -m module …`` in ``folder``, to its end."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


def store(folder: Path) -> RunStore:
    """The store that a command in ``folder`` wrote."""
    return RunStore(f"sqlite:///{folder / 'mlflow.db'}")


def checkpoints(folder: Path, pattern: str) -> list[Path]:
    """The files of this name among the artifacts that a command in ``folder`` has logged so far."""
    return list((folder / "mlartifacts").rglob(pattern))


def start(
    folder: Path, *arguments: str, module: str = "experiments.train"
) -> subprocess.Popen[str]:
    """Starts a command as a terminal does, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


Answer = TypeVar("Answer")


def wait_for(ready: Callable[[], Answer], process: subprocess.Popen[str]) -> Answer:
    """What ``ready`` returns as soon as that is true, while ``process`` runs."""
    deadline = time.monotonic() + 120
    while not (answer := ready()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run never got that far"
        time.sleep(0.05)
    return answer


def interrupt_when(
    folder: Path, ready: Callable[[], bool], *arguments: str, presses: int = 1
) -> subprocess.CompletedProcess[str]:
    """Starts a training, and presses Ctrl-C as soon as ``ready``."""
    process = start(folder, *arguments)
    wait_for(ready, process)
    for _ in range(presses):
        # A terminal sends Ctrl-C to the whole group, workers included.
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
