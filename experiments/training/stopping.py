"""Stopping between two epochs, so that a run can be gone on with; Ctrl-C asks for it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import final

from hydra.conf import HydraConf
from hydra.types import RunMode
from omegaconf import DictConfig

from experiments.errors import Stopped
from experiments.runtime.signals import STOP_SIGNALS, interrupt
from nnscratch import Epoch


@final
class StopRequest:
    """The wish that a command stops after the current epoch, in all its processes.

    It is a file in the output folder of the run or sweep, for workers that no signal
    reaches: those of a cluster, which share the folder.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made = False  # remembered here, too: the folder may be out of reach

    @property
    def made(self) -> bool:
        return self._made or self._file.exists()

    def make(self) -> None:
        self._made = True
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()

    def withdraw(self) -> None:
        """Forgets what an earlier command left in the same folder."""
        self._file.unlink(missing_ok=True)

    def watch(self, epoch: Epoch) -> None:
        """Raises ``Stopped`` after the epoch in which the request was made."""
        if self.made:
            raise Stopped(f"stopped after epoch {epoch.number}: resume=true goes on")


def stop_request(hydra: HydraConf | DictConfig) -> StopRequest:
    """That of the run or the sweep with this config of Hydra's."""
    folder = hydra.sweep.dir if hydra.mode == RunMode.MULTIRUN else hydra.run.dir
    return _request(Path(hydra.runtime.cwd, folder, "stop"))


_request = cache(StopRequest)  # one of each file in a process: it may have to remember


def listen(request: StopRequest) -> None:
    """From now on Ctrl-C (or SIGTERM) makes the request, and a second one stops at once."""

    def pressed(*_: object) -> None:
        if request.made:
            interrupt()
        request.make()
        # Past Python's buffers: the signal may have come while something was being printed.
        os.write(sys.stderr.fileno(), b"stopping after this epoch; Ctrl-C again stops now\n")

    request.withdraw()
    for number in STOP_SIGNALS:
        signal.signal(number, pressed)
