"""The power fails during or shortly after a run, and comes back."""

import signal
import time
from pathlib import Path
from random import Random
from typing import final

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.commands import (
    EPOCHS,
    RESUME,
    RUN,
    finish,
    kept_epochs,
    kill,
    signal_all,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.disk import Disk, cannot_mount
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.runs import check_readable, check_whole, runs_in


@final
class PowerCuts(Disturbance):
    """A run writes to a disk of its own; at the cut the disk is copied, and the copy mounted.

    The copy holds only what the file system had written to its device.
    """

    name = "power_cuts"
    promise = (
        "every checkpoint in the store is whole after the power is back; resumed, the run has "
        "the same weights and every file"
    )
    tries = 12
    arguments = RUN

    def missing(self) -> str | None:
        return cannot_mount()

    def attempt(self, folder: Path, random: Random) -> None:
        with Disk(folder, random) as disk:
            process = start(disk.path, *RUN)
            kept = random.randint(0, 2 * EPOCHS)  # more than there are: after the end
            wait_for(lambda: kept_epochs(disk.path) >= min(kept, EPOCHS), process)
            if kept > EPOCHS:
                finish(process)
            time.sleep(random.uniform(0, 0.5))
            _cut_power(disk, process)
            if (disk.path / "mlflow.db").exists():
                self._check_store(disk.path)
            succeed(disk.path, *RUN, RESUME)
            check_whole(disk.path, self.expected)

    def _check_store(self, folder: Path) -> None:
        runs = runs_in(folder)
        for run in runs:
            check_readable(run)
        # A run is over when it is marked as finished and its journal is gone.
        if [run.status for run in runs] == ["FINISHED"] and not list(folder.glob("mljournal/*")):
            check_whole(folder, self.expected)


def _cut_power(disk: Disk, process: ForkedCommand) -> None:
    """The disk now holds what had reached it; the command is gone, and the system's cache."""
    signal_all(process, signal.SIGSTOP)
    copy = disk.copy()
    kill(process)
    finish(process)
    disk.replace(copy)
