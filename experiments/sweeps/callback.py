"""Hydra's hooks around a sweep: checks before it, its end, and where each job belongs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.experimental.callback import Callback
from hydra.utils import instantiate
from omegaconf import DictConfig

from experiments.cli.exit_status import BAD_INPUT, FAILED, one_line
from experiments.config.digests import flatten
from experiments.config.validation import validate
from experiments.errors import ConfigError
from experiments.reporting import terminal
from experiments.runtime.signals import ignore_interrupts
from experiments.runtime.streams import print_error
from experiments.sweeps.lesson import find_lesson
from experiments.sweeps.local_launcher import prepare_workers
from experiments.sweeps.multirun import (
    JobConfigs,
    job_name,
    job_overrides,
    swept_keys,
    task_overrides,
)
from experiments.training.stopping import listen, stop_request

if TYPE_CHECKING:
    from experiments.sweeps.sweep import Sweep

_open: Sweep | None = None
"""The sweep of this process, if one is running."""


def abandon(error: BaseException) -> None:
    """Closes the running sweep, if there is one, after an exception that Hydra passed on."""
    global _open
    if _open is None:
        return
    ignore_interrupts()
    sweep, _open = _open, None
    if isinstance(error, KeyboardInterrupt):
        sweep.close(status="KILLED", reason="interrupted")
    else:
        sweep.close(reason=f"its process ended early: {type(error).__name__}")


@dataclass(frozen=True)
class Membership:
    """Where a job belongs: the parent run, and the keys whose values differ between its jobs."""

    parent_run_id: str
    swept: frozenset[str]

    def name_of(self, overrides: Sequence[str]) -> str:
        return job_name(overrides, self.swept)


membership: Membership | None = None
"""Of the job that this process runs."""


class SweepCallback(Callback):
    """Checks and opens a sweep, and closes it. It is pickled with each job, and so tells the worker
    where the job belongs.

    ``lesson``: the dotted name of the lesson whose sweep this is.
    """

    def __init__(self, lesson: str | None = None) -> None:
        self._lesson = lesson
        self._membership: Membership | None = None

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Checks every combination, prepares the data and the store, then opens the parent run."""
        # Hydra turns a callback's exception into a warning and continues, except for SystemExit.
        with _exits_with(BAD_INPUT):
            self._begin(config)

    def _begin(self, config: DictConfig) -> None:
        global _open
        # Here, not above, so that --help is fast: MLflow takes seconds.
        from experiments.sweeps.sweep import Sweep
        from experiments.tracking import Place, clear_up

        jobs = job_overrides(config)
        if not jobs:
            typed = " ".join(task_overrides(config.hydra))
            raise ConfigError("sweep", typed, "expected at least one combination: a range is empty")
        composer = JobConfigs(config)
        combinations = [composer.compose_task(job) for job in jobs]
        for combination in combinations:
            validate(combination)
        if lesson := find_lesson(self._lesson):
            lesson.check([flatten(combination) for combination in combinations])
        prepare_workers(config)
        # Once, before all workers need it at the same time.
        for data in {frozenset(combination.data.items()) for combination in combinations}:
            instantiate(dict(data), seed=0)
        clear_up(Place.of(config.tracking).journals, print_error)
        if log := config.hydra.launcher.get("submitit_folder"):
            terminal.print_text(f"each job writes its output to {log}")
        listen(stop_request(config.hydra))
        _open = Sweep(config, combinations, lesson)
        self._membership = Membership(_open.run_id, swept_keys(jobs))

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        """In the worker, right before the job."""
        global membership
        membership = self._membership
        if (folder := Path(config.hydra.runtime.cwd)).is_dir():
            os.chdir(folder)  # the workers of a Ray cluster begin elsewhere

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Closes the parent run; exit status 1 if a run failed, 130 if the sweep was stopped."""
        global _open
        if _open is None:
            return
        if stop_request(config.hydra).made:
            raise KeyboardInterrupt  # now that the last run has stopped
        ignore_interrupts()
        sweep, _open = _open, None
        with _exits_with(FAILED):
            finished = sweep.close()
        if not finished:
            raise SystemExit(FAILED)


@contextmanager
def _exits_with(status: int) -> Iterator[None]:
    """Turns an exception into one line on the error stream and ``SystemExit``."""
    try:
        yield
    except Exception as error:
        print_error(one_line(error))
        raise SystemExit(status) from error
