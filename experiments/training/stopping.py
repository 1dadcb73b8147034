"""Ctrl-C stops a run between two epochs, so that it can be resumed."""

from __future__ import annotations

import signal
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import final

from hydra.conf import HydraConf
from hydra.types import RunMode
from omegaconf import DictConfig

from experiments.errors import Stopped
from experiments.runtime.signals import interrupt, on_stop
from experiments.runtime.streams import signal_error
from nnscratch import Epoch


@final
class StopRequest:
    """A request that all processes of a command stop after the current epoch.

    It is a file in the output folder of the run or sweep, because no signal reaches the workers
    of a cluster; they share that folder.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made = False  # in case the file can't be written

    @property
    def made(self) -> bool:
        if not self._made:
            with suppress(OSError):  # a signal handler asks, too
                return self._file.exists()
        return self._made

    def make(self) -> None:
        self._made = True
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()

    def withdraw(self) -> None:
        """Removes the request of an earlier command in the same folder."""
        self._file.unlink(missing_ok=True)

    def watch(self, epoch: Epoch) -> None:
        """Raises ``Stopped`` after the epoch in which the request was made."""
        if self.made:
            raise Stopped(f"stopped after epoch {epoch.number}: resume=true continues it")


def stop_request(hydra: HydraConf | DictConfig) -> StopRequest:
    """The request for the run or sweep that this config of Hydra describes."""
    folder = hydra.sweep.dir if hydra.mode == RunMode.MULTIRUN else hydra.run.dir
    return _request(Path(hydra.runtime.cwd, folder, "stop"))


_request = cache(StopRequest)  # one object per file in a process: see ``_made``


def listen(request: StopRequest) -> None:
    """From now on Ctrl-C, SIGTERM or SIGHUP makes the request, and a second one stops at once."""

    def pressed(number: int, _: object) -> None:
        if not request.made:
            request.make()
            signal_error("stopping after this epoch; Ctrl-C again stops now")
        elif number != signal.SIGHUP:  # the shell and the system each send one
            interrupt(number)

    request.withdraw()
    on_stop(pressed)
