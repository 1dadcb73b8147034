"""A sweep around Hydra's jobs: one parent run, progress, summary, leaderboard."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from experiments.config.identity import flatten, sweep_digest
from experiments.config.validation import validate
from experiments.datasets import load
from experiments.errors import ConfigError
from experiments.runtime.signals import ignore_interrupts
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
    from collections.abc import Iterator, Sequence

    from experiments.lessons.lesson import Lesson
    from experiments.runs.ranking import Row
    from experiments.runs.summary import RunSummary

_POLL_SECONDS = 0.5
_STOPPED = ("KILLED", "FAILED")


class Sweep:
    """One parent run in the store, watched from the terminal until it is closed."""

    def __init__(self, config: DictConfig, combinations: Sequence[DictConfig]) -> None:
        from experiments.reporting.terminal import SweepProgress, print_text
        from experiments.runs.tags import SWEEP_DIGEST
        from experiments.sweeps.parent_run import ParentRun
        from experiments.tracking import Place, RunStore
        from experiments.training.resume import latest

        overrides = " ".join(task_overrides(config.hydra))
        digest = sweep_digest([flatten(combination) for combination in combinations])
        self._total = len(combinations)
        where, resumed = Place.of(config.tracking), None
        if config.resume:
            same = RunStore(where.uri, new=True).same_sweeps(digest)
            resumed = latest(same, where.journals)
        self._parent = ParentRun(
            where,
            name=config.hydra.runtime.choices.get("sweep") or overrides or "sweep",
            kind="sweep",
            parameters={"sweep.runs": self._total, "sweep.overrides": overrides},
            tags={SWEEP_DIGEST: digest},
            resumed=resumed,
        )
        earlier = self._children if resumed else []
        if earlier:
            finished = sum(run.status == "FINISHED" for run in earlier)
            print_text(f"{finished} of {self._total} runs have finished already")
        # What those will come to is not yet known.
        self._stopped = {run.run_id for run in earlier if run.status in _STOPPED}
        self._ended: set[str] = set()
        self._closing = threading.Event()
        self._progress = SweepProgress("sweep", self._total)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def run_id(self) -> str:
        return self._parent.run_id

    @property
    def _children(self) -> list[RunSummary]:
        from experiments.runs.attempts import latest_attempts

        return latest_attempts(self._parent.children, self._total)

    def close(self, *, status: str = "FAILED", reason: str = "its process ended early") -> bool:
        """Ends the sweep with its summary; True if every run finished.

        Runs that still count as running have lost their process: they end with
        ``status`` and ``reason``.
        """
        from experiments.errors import RunStoreError

        self._closing.set()
        self._watcher.join()
        finished = False
        try:
            self._parent.gather(status=status, reason=reason)
            self._look()
            self._progress.stop()
            finished = self._summarise()
        except RunStoreError as error:
            raise RunStoreError(
                f"{error}; what the runs have logged is kept in {self._parent.journals}: once the "
                "store answers, the same command with resume=true delivers and sums it up"
            ) from error
        finally:  # a parent that counts as running for ever would be worse than no summary
            self._progress.stop()
            self._parent.tracker.end("FINISHED" if finished else status)
        return finished

    def _watch(self) -> None:
        import experiments.reporting.sweep_plots  # noqa: F401 - long before the end waits for it

        pause = _POLL_SECONDS
        while not self._closing.wait(pause):
            started = time.monotonic()
            self._look()
            with suppress(OSError):  # tried again with the next look
                self._parent.deliver()
            # A look at a thousand runs takes a second, which the workers want for themselves.
            pause = max(_POLL_SECONDS, 100 * (time.monotonic() - started))

    def _look(self) -> None:
        """Reports the runs that have ended since the last look."""
        from experiments.errors import RunStoreError

        try:
            runs = self._children
        except RunStoreError:
            return  # the store is busy: the next look sees them
        best = max((run.val_accuracy for run in runs), default=-1.0)
        self._stopped -= {run.run_id for run in runs if run.status not in _STOPPED}
        for run_id in self._ended - {run.run_id for run in runs}:
            self._ended.remove(run_id)
            self._progress.begun_again()
        waiting = set() if self._closing.is_set() else self._stopped
        for run in reversed(runs):
            if run.status != "RUNNING" and run.run_id not in self._ended | waiting:
                self._ended.add(run.run_id)
                self._progress.ended(run.name, run.status, run.val_accuracy, best)

    def _summarise(self) -> bool:
        from experiments.lessons.catalogue import lesson_of
        from experiments.reporting import terminal

        children = self._children
        rows = self._parent.rank(children)
        if (missing := self._total - len(children)) > 0:
            terminal.print_error(f"{missing} of {self._total} runs never started")
        if not rows:
            return False
        self._draw(rows)
        terminal.print_leaderboard(rows, f"sweep {self._parent.name} ({self.run_id})")
        self._parent.crown(children)
        best = next(run for run in children if run.run_id == rows[0].run_id)
        if best.reads_digits and rows[0].val_accuracy is not None:
            terminal.print_next_steps(best.run_id)
        if lesson := lesson_of(self._parent.name):
            return self._tell(lesson, children)
        return [run.status for run in children] == ["FINISHED"] * self._total

    def _tell(self, lesson: Lesson, children: Sequence[RunSummary]) -> bool:
        """Whether all runs are over, which may be by divergence, and show what they should."""
        from experiments.lessons.verdict import tell
        from experiments.reporting import terminal

        if sum(run.over for run in children) < self._total:
            terminal.print_error("the lesson needs all of its runs: resume=true goes on with them")
            return False
        sweep, store = self._parent.store.run(self.run_id), self._parent.store
        return tell(lesson, sweep, store, self._parent.tracker)

    def _draw(self, rows: Sequence[Row]) -> None:
        from experiments.reporting.sweep_plots import sweep_plots
        from experiments.reporting.sweep_results import SweepResults

        runs, store = [run_id for row in rows for run_id in row.runs], self._parent.store
        results = SweepResults.of(
            self._parent.name,
            rows,
            accuracies=store.histories(runs, "val_accuracy"),
        )
        for name, draw in sweep_plots(results).items():
            self._parent.tracker.write_artifact(f"plots/{name}.png", draw)


def _check_lesson(config: DictConfig, combinations: Sequence[DictConfig]) -> None:
    """Raises ``ConfigError`` for a lesson's sweep that has not got what the lesson compares."""
    from experiments.lessons.catalogue import lesson_of
    from experiments.lessons.requirements import check

    sweep = config.hydra.runtime.choices.get("sweep")
    if sweep and (lesson := lesson_of(sweep)):
        check(lesson.needs, [flatten(combination) for combination in combinations], sweep=sweep)


_open: Sweep | None = None
"""The sweep of this process, if one is running."""


def abandon(error: BaseException) -> None:
    """Closes the running sweep, if there is one, after an exception that Hydra let through."""
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
    """Where a job belongs: the parent run, and the overrides that set the job apart."""

    parent_run_id: str
    swept: frozenset[str]

    def name_of(self, overrides: Sequence[str]) -> str:
        return job_name(overrides, self.swept)


membership: Membership | None = None
"""That of the job which this process is at."""


class SweepCallback(Callback):
    """Hydra's hooks. The object is pickled with each job and tells the worker where it belongs."""

    def __init__(self) -> None:
        self.membership: Membership | None = None

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Checks every combination, prepares the data and the store, then opens the parent run."""
        global _open
        # Hydra makes a warning of a callback's exception and carries on, but for this one.
        with _exits_with(status=2):
            from experiments.reporting import terminal
            from experiments.tracking import clear_up

            jobs = job_overrides(config)
            if not jobs:
                typed = " ".join(task_overrides(config.hydra))
                raise ConfigError("sweep", typed, "one combination at least: a range is empty")
            composer = JobConfigs(config)
            configs = [composer.compose_task(job) for job in jobs]
            for combination in configs:
                validate(combination)
            _check_lesson(config, configs)
            prepare_workers(config)
            # Once, before the workers want it all at the same time.
            for data in {frozenset(c.data.items()) for c in configs}:
                load(**dict(data), seed=0)
            clear_up(Path(config.tracking.journal), terminal.print_error)
            if log := config.hydra.launcher.get("submitit_folder"):
                terminal.print_text(f"each job writes its output to {log}")
            listen(stop_request(config.hydra))
            _open = Sweep(config, configs)
            self.membership = Membership(_open.run_id, swept_keys(jobs))

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        """In the worker, right before the job."""
        global membership
        membership = self.membership
        if (folder := Path(config.hydra.runtime.cwd)).is_dir():
            os.chdir(folder)  # the workers of a Ray cluster begin elsewhere

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Closes the parent run; exit status 1 if a run failed, 130 if they were stopped."""
        global _open
        if _open is not None:
            if stop_request(config.hydra).made:
                raise KeyboardInterrupt  # now that the last run has stopped
            ignore_interrupts()
            sweep, _open = _open, None
            with _exits_with(status=1):
                finished = sweep.close()
            if not finished:
                raise SystemExit(1)


@contextmanager
def _exits_with(status: int) -> Iterator[None]:
    """Turns an exception into one line on the error stream and ``SystemExit``."""
    try:
        yield
    except Exception as error:
        from experiments.cli.exit_status import one_line
        from experiments.reporting import terminal

        terminal.print_error(one_line(error))
        raise SystemExit(status) from error
