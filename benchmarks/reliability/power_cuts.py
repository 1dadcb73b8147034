"""The power fails during or shortly after a run, and comes back."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Self, final

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.attack import Attack, Failed
from benchmarks.reliability.commands import (
    EPOCHS,
    RESUME,
    RUN,
    finish,
    kept_epochs,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.runs import (
    begin_store,
    check_readable,
    check_whole,
    runs_in,
    undisturbed,
)

_MEGABYTES = 96


@final
class PowerCuts(Attack):
    """A run writes to a loop-back ext4 image; at the cut the image is copied, and mounted again.

    The copy holds only what the file system had written to its device.
    """

    name = "power_cuts"
    promise = (
        "every checkpoint in the store is whole after the power is back; resumed, the run has "
        "the same weights and every file"
    )
    tries = 12

    def missing(self) -> str | None:
        return cannot_mount()

    def prepare(self, folder: Path) -> None:
        succeed(folder, *RUN)
        self._expected = undisturbed(folder)

    def attempt(self, folder: Path, random: Random) -> None:
        with _Disk(folder, _MEGABYTES) as disk:
            if random.random() < 0.8:  # else the cut may hit the creation of the store
                begin_store(disk.path)
            process = start(disk.path, *RUN)
            kept = random.randint(0, 2 * EPOCHS)  # more than there are: after the end
            wait_for(lambda: kept_epochs(disk.path) >= min(kept, EPOCHS), process)
            if kept > EPOCHS:
                finish(process)
            time.sleep(random.uniform(0, 0.5))
            disk.cut_power(process)
            if (disk.path / "mlflow.db").exists():
                self._check_store(disk.path)
            succeed(disk.path, *RUN, RESUME)
            check_whole(disk.path, self._expected)

    def _check_store(self, folder: Path) -> None:
        runs = runs_in(folder)
        for run in runs:
            check_readable(run)
        # A run is over when it is marked as finished and its journal is gone.
        if [run.status for run in runs] == ["FINISHED"] and not list(folder.glob("mljournal/*")):
            check_whole(folder, self._expected)


@final
class _Disk:
    """An ext4 file system in the file ``image``, mounted at ``path``; a context manager."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.path = folder / "disk"
        self._image = folder / "image"
        self.path.mkdir()
        with self._image.open("wb") as file:
            file.truncate(megabytes * (1 << 20))
        call("mkfs.ext4", "-q", str(self._image))

    def __enter__(self) -> Self:
        self._mount()
        return self

    def __exit__(self, *_: object) -> None:
        # Lazily: the processes of a failed try may still have files open.
        call("umount", "--lazy", str(self.path))

    def cut_power(self, process: ForkedCommand) -> None:
        """The disk now holds what had reached it; the command is gone, and the system's cache."""
        _signal_group(process, signal.SIGSTOP)
        copy = self._image.with_suffix(".copy")
        while True:  # until nothing is written during the copy: a real cut has one moment
            before = self._image.stat().st_mtime_ns
            call("cp", "--sparse=always", str(self._image), str(copy))
            if self._image.stat().st_mtime_ns == before:
                break
        _signal_group(process, signal.SIGKILL)
        process.communicate()
        call("umount", str(self.path))
        copy.replace(self._image)
        self._mount()

    def _mount(self) -> None:
        call("mount", "-o", "loop", str(self._image), str(self.path))


def cannot_mount() -> str | None:
    """Why this process can't mount a file; None if it can."""
    if os.geteuid() != 0:
        return "needs root"
    if shutil.which("mkfs.ext4") is None:
        return "needs mkfs.ext4"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with _Disk(Path(folder), megabytes=4):
                return None
        except Failed as failed:
            return f"needs loop devices ({failed})"


def _signal_group(process: ForkedCommand, number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)


def call(*command: str) -> None:
    """Runs a program of the system. Raises ``Failed``."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {' '.join(done.stderr.split())}")
