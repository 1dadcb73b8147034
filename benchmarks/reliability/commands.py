"""The commands that are attacked, each in a process group of its own."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.attack import Failed, check

EPOCHS = 8
RUN = ("data=digits", "model.hidden=[16]", "batch_size=32", f"epochs={EPOCHS}")
SEEDS = (0, 1, 2)
SWEEP = ("-m", *RUN, f"seed={','.join(map(str, SEEDS))}", "hydra.launcher.n_jobs=2")
RESUME = "resume=true"

_PATIENCE = 300  # seconds after which a command counts as hanging
_MOST_LINES = 8  # of messages from a command that failed


class Ended(NamedTuple):
    """How a command ended."""

    arguments: tuple[str, ...]
    status: int
    output: str
    errors: str


def start(folder: Path, *arguments: str, module: str = "experiments.train") -> ForkedCommand:
    """Starts ``python -m module arguments`` in ``folder``."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return ForkedCommand(module, arguments, folder, environment)


def finish(process: ForkedCommand) -> Ended:
    """Waits for the end of the command and of all its workers."""
    try:
        output, errors = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process)
        raise Failed(f"{_typed(process.args[2:])} hangs") from None
    assert process.returncode is not None
    return Ended(tuple(process.args[2:]), process.returncode, output, errors)


def run(folder: Path, *arguments: str, module: str = "experiments.train") -> Ended:
    """Runs a command to its end."""
    return finish(start(folder, *arguments, module=module))


def succeed(folder: Path, *arguments: str, module: str = "experiments.train") -> Ended:
    """Runs a command that must succeed."""
    ended = run(folder, *arguments, module=module)
    check_polite(ended, 0)
    return ended


def check_polite(ended: Ended, *statuses: int) -> None:
    """It ended with one of ``statuses``, without a traceback; bad input is told in one line."""
    told = ended.errors.strip().splitlines()
    last = told[-1][:300] if told else "no message"
    what = f"{_typed(ended.arguments)}: exit status {ended.status}"
    crash = _crash(ended.output + ended.errors)
    check(crash is None, f"{what}, traceback: {crash}")
    check(ended.status in statuses, f"{what}: {last}")
    if ended.status == 2 and not ended.errors.startswith("usage: "):
        check(len(told) == 1, f"{what} with {len(told)} lines: {last}")
    check(len(told) <= _MOST_LINES or ended.status == 0, f"{what} with {len(told)} lines: {last}")
    check("\x1b" not in ended.output + ended.errors, f"{what}, with an escape sequence")


def _crash(text: str) -> str | None:
    """The error of the last traceback, and the last line of this project in it; None without."""
    _, found, trace = text.rpartition("Traceback (most recent call last)")
    if not found:
        return None
    errors = re.findall(r"^[\w.]+(?:Error|Exception|Interrupt|Exit)\b.*", trace, re.MULTILINE)
    frames = re.findall(r"((?:experiments|gui|nnscratch)/[\w/]+\.py)\", line (\d+)", trace)
    where = ":".join(frames[-1]) if frames else "?"
    return f"{errors[-1][:200] if errors else '?'} at {where}"


def _typed(arguments: tuple[str, ...] | list[str]) -> str:
    return " ".join(arguments)


def kept_epochs(folder: Path) -> int:
    """The number of epochs, of all runs in ``folder``, whose weights are among the artifacts."""
    return len(list(folder.glob("mlartifacts/**/epoch_*.npz")))


def logged_epochs(folder: Path) -> list[int]:
    """The latest epoch of each run with a journal in ``folder``; the store may be behind."""
    found = []
    for file in folder.glob("mljournal/*/entries.jsonl"):
        with suppress(FileNotFoundError):  # the run has just ended
            steps = re.findall(r'"op": "metrics", .*?"step": (\d+)', file.read_text())
            found.append(max(map(int, steps), default=0))
    return found


def wait_for(ready: Callable[[], object], process: ForkedCommand) -> bool:
    """Waits until ``ready``; False if the command ends before."""
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        if process.poll() is not None:
            return False
        check(time.monotonic() < deadline, f"{_typed(process.args[2:])} makes no progress")
        time.sleep(0.02)
    return True


def kill(process: ForkedCommand) -> None:
    """Kills the command and all its workers at once."""
    signal_all(process, signal.SIGKILL)


def signal_all(process: ForkedCommand, number: signal.Signals) -> None:
    """Sends a signal to the command and all its workers, if they have not ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def kill_one(process: ForkedCommand, random: Random) -> None:
    """Kills one process of the command: itself, a worker, or the server that forks them."""
    members = [
        member.pid for member in psutil.process_iter() if _group_of(member.pid) == process.pid
    ]
    with suppress(ProcessLookupError, IndexError):
        os.kill(random.choice(sorted(members)), signal.SIGKILL)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
