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

from experiments.config import flatten, validate
from experiments.datasets import load
from experiments.launching import prepare_workers
from experiments.multirun import compose_all, job_name, job_overrides, swept_keys
from experiments.provenance import sweep_digest
from experiments.stopping import ignore_interrupts, listen, stop_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.ranking import Row
    from experiments.tracking import RunSummary

_POLL_SECONDS = 0.5
_PATIENCE = 60.0  # seconds that the end of a sweep waits for a silent store
LOST_WORKER = "its worker process died: killed, or out of memory"


class Sweep:
    """One parent run in the store, watched from the terminal until it is closed."""

    def __init__(self, config: DictConfig, combinations: Sequence[DictConfig]) -> None:
        from experiments.reporting.terminal import SweepProgress
        from experiments.tracking import SWEEP_DIGEST, RunStore, Tracker

        overrides = " ".join(config.hydra.overrides.task)
        digest = sweep_digest([flatten(combination) for combination in combinations])
        where = config.tracking
        self.name = config.hydra.runtime.choices.get("sweep") or overrides or "sweep"
        self._total = len(combinations)
        self._journals = Path(where.journal)
        self._tracker = Tracker(
            name=self.name,
            kind="sweep",
            uri=where.uri,
            experiment=where.experiment,
            artifacts=where.artifacts,
            journal=where.journal,
            parameters={"sweep.runs": self._total, "sweep.overrides": overrides},
            tags={SWEEP_DIGEST: digest},
            resumed=_stopped_sweep(config, digest) if config.resume else None,
        )
        assert self._tracker.run_id is not None  # without a store no sweep begins
        self.run_id = self._tracker.run_id
        self._store = RunStore(where.uri)
        self._ended: set[str] = set()
        self._closing = threading.Event()
        self._progress = SweepProgress(self._total)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def close(self, *, status: str = "FAILED", reason: str = "its process ended early") -> bool:
        """Ends the sweep with its summary; True if every run finished.

        Runs that still count as running have lost their process: they end with
        ``status`` and ``reason``.
        """
        from experiments.tracking import RunStoreError, end_lost_children

        self._closing.set()
        self._watcher.join()
        finished = False
        try:
            self._deliver(status, reason, patience=_PATIENCE)
            end_lost_children(self._store, self.run_id, status=status, reason=reason)
            self._look()
            self._progress.stop()
            finished = self._summarise()
        except RunStoreError as error:
            raise RunStoreError(
                f"{error}; what the runs have logged is kept in {self._journals}: once the store "
                "answers, the same command with resume=true delivers and sums it up"
            ) from error
        finally:  # a parent that counts as running for ever would be worse than no summary
            self._progress.stop()
            self._tracker.end("FINISHED" if finished else status)
        return finished

    def _deliver(self, status: str, reason: str, *, patience: float = 0.0) -> None:
        """What dead workers left behind; a silent store is waited for, but not for ever."""
        from experiments.tracking import recover

        deadline = time.monotonic() + patience
        while any(run.silent for run in recover(self._journals, status=status, reason=reason)):
            if time.monotonic() > deadline:
                return
            time.sleep(1)

    def _watch(self) -> None:
        pause = _POLL_SECONDS
        while not self._closing.wait(pause):
            started = time.monotonic()
            self._look()
            with suppress(OSError):  # tried again with the next look
                self._deliver("FAILED", LOST_WORKER)
            # A look at a thousand runs takes a second, which the workers want for themselves.
            pause = max(_POLL_SECONDS, 20 * (time.monotonic() - started))

    def _look(self) -> None:
        """Reports the runs that have ended since the last look."""
        from experiments.tracking import RunStoreError

        try:
            runs = self._store.children(self.run_id)
        except RunStoreError:
            return  # the store is busy: the next look sees them
        best = max((run.val_accuracy for run in runs), default=-1.0)
        for run in reversed(runs):
            if run.status != "RUNNING" and run.run_id not in self._ended:
                self._ended.add(run.run_id)
                self._progress.ended(run.name, run.status, run.val_accuracy, best)

    def _summarise(self) -> bool:
        from experiments.champions import crown
        from experiments.ranking import columns, rank
        from experiments.reporting import terminal

        runs = self._store.children(self.run_id)
        if len(runs) < self._total:
            missing = self._total - len(runs)
            terminal.print_error(f"{missing} of {self._total} runs never started")
        if not runs:
            return False
        rows = rank(runs)
        self._tracker.log_table("leaderboard.json", columns(rows))
        self._draw(rows)
        terminal.print_leaderboard(rows, f"sweep {self.name} ({self.run_id})")
        crown(self._store, runs)
        if self._store.run(rows[0].run_id).reads_digits:
            terminal.print_next_steps(rows[0].run_id)
        return [run.status for run in runs] == ["FINISHED"] * self._total

    def _draw(self, rows: Sequence[Row]) -> None:
        from experiments.reporting.sweep_plots import sweep_plots
        from experiments.reporting.sweep_results import SweepResults

        runs = [run_id for row in rows for run_id in row.runs]
        results = SweepResults.of(
            self.name,
            rows,
            accuracies=self._store.histories(runs, "val_accuracy"),
            seconds=self._store.histories(runs, "epoch_seconds"),
        )
        for name, draw in sweep_plots(results).items():
            self._tracker.write_artifact(f"plots/{name}.png", draw)


def _stopped_sweep(config: DictConfig, digest: str) -> RunSummary | None:
    """The latest sweep of the same combinations, if there is one that can be gone on with."""
    from experiments.resuming import check_free
    from experiments.tracking import RunStore

    for sweep in RunStore(config.tracking.uri, new=True).same_sweeps(digest):
        if sweep.status == "RUNNING":
            check_free(sweep, Path(config.tracking.journal))
        return sweep
    return None


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
            from experiments.running import clear_up

            jobs = job_overrides(config)
            configs = compose_all(config, jobs)
            for combination in configs:
                validate(combination)
            prepare_workers(config)
            # Once, before the workers want it all at the same time.
            for data in {frozenset(c.data.items()) for c in configs}:
                load(**dict(data), seed=0)
            clear_up(config, terminal.print_error)
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
        from experiments.errors import one_line
        from experiments.reporting import terminal

        terminal.print_error(one_line(error))
        raise SystemExit(status) from error
