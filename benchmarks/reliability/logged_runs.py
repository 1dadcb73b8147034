"""A small store whose runs are damaged, and the commands that then read it."""

import os
import shutil
import signal
from contextlib import chdir
from pathlib import Path
from random import Random
from typing import final

from benchmarks.reliability.attack import check
from benchmarks.reliability.commands import (
    RESUME,
    RUN,
    check_polite,
    finish,
    kept_epochs,
    run,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.runs import Run, runs_in
from experiments.errors import UserError
from gui.background import Unavailable
from gui.runs.library import RunLibrary

_SWEEP = ("-m", *RUN, "seed=0,1", "hydra.launcher.n_jobs=2")
STOPPED_SEED = "5"
_STOPPED = (*RUN, f"seed={STOPPED_SEED}")


@final
class LoggedRuns:
    """A finished sweep and a stopped run in ``home``; ``reset`` restores them."""

    def __init__(self, folder: Path) -> None:
        self.home, self._pristine = folder / "home", folder / "pristine"
        undisturbed = folder / "undisturbed"
        undisturbed.mkdir()
        succeed(undisturbed, *_STOPPED)
        [self._expected] = (run.digest for run in runs_in(undisturbed))
        self.home.mkdir()
        succeed(self.home, *_SWEEP)
        kept = kept_epochs(self.home) + 2
        process = start(self.home, *_STOPPED)
        wait_for(lambda: kept_epochs(self.home) >= kept, process)
        os.kill(process.pid, signal.SIGINT)
        check_polite(finish(process), 130)
        shutil.copytree(self.home, self._pristine)
        self.runs = runs_in(self.home)

    def reset(self) -> None:
        """Takes back what a try has changed. The addresses of artifacts name ``home``."""
        shutil.rmtree(self.home)
        shutil.copytree(self._pristine, self.home)

    @property
    def stopped(self) -> Run:
        """The run that was stopped."""
        return next(run for run in self.runs if run.seed == STOPPED_SEED)

    def resume(self) -> None:
        """Resumes the stopped run: it is refused, or ends with the weights it would have had."""
        ended = run(self.home, *_STOPPED, RESUME)
        check_polite(ended, 0, 1, 2)
        if ended.status == 0:
            found = {run.digest for run in runs_in(self.home) if run.seed == STOPPED_SEED}
            check(self._expected in found, "resumed without a word, to other weights")

    def use(self, random: Random) -> None:
        """Lists all runs, and does one more thing that reads them."""
        check_polite(run(self.home, "--sweep", "all", module="experiments.leaderboard"), 0)
        chosen = random.choice(self.runs).run_id
        match random.randrange(6):
            case 0:
                check_polite(run(self.home, module="experiments.leaderboard"), 0, 2)
            case 1:
                self.resume()
            case 2:
                check_polite(run(self.home, *_SWEEP, RESUME), 0, 1, 2)
            case 3:
                check_polite(run(self.home, chosen, module="experiments.rerun"), 0, 1, 2)
            case 4:
                check_polite(run(self.home, module="experiments.deliver"), 0, 1)
            case _:
                self._open_window(chosen)

    def _open_window(self, run_id: str) -> None:
        """What the window does with the store, without a display."""
        with chdir(self.home):
            library = RunLibrary()
            try:
                check(library.table() is not None, "the window lists no runs")
                library.load(run_id)
            except (UserError, Unavailable) as error:
                check(len(str(error).splitlines()) == 1, f"the window says {str(error)!r}")
