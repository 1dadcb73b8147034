"""A gate that holds the runs of a command after some epochs, until a test opens it.

So a test can kill, stop or disturb a run in the middle, however fast the machine is.
"""

import os
import time
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from nnscratch import Epoch, Training

# Finds this module; for commands that are not forked from the process that has it.
VARIABLES = {
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
}


class Gate:
    """A gate of the test's; each run waits before epoch ``after`` + 1."""

    def __init__(self, folder: Path, after: int) -> None:
        self._file = folder / f"gate_{after}"
        prefix = "+hydra.callbacks.gate"
        self.overrides = (
            f"{prefix}._target_=gate.Holder",
            f"{prefix}.file='{self._file}'",
            f"{prefix}.after={after}",
        )

    def open(self) -> None:
        """Lets all runs go on."""
        self._file.touch()


class Holder(Callback):
    """The part in the command and in its workers: a Hydra callback."""

    def __init__(self, file: str, after: int) -> None:
        self._file, self._after = Path(file), after

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """A search forks its workers after this; those of a sweep call it themselves."""

        after, file = self._after, self._file

        def held(self: Training) -> Epoch:
            while self.state().epoch >= after and not file.exists():
                time.sleep(0.02)
            return _next(self)

        Training.__next__ = held


_next = Training.__next__
