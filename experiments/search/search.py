"""A search: one parent run, trials in parallel processes, progress, pictures, best config."""

from __future__ import annotations

import hashlib
import json
import shlex
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import hydra
import yaml
from omegaconf import DictConfig

from experiments.cli.exit_status import FAILED, INTERRUPTED
from experiments.config.digests import flatten, identity
from experiments.config.validation import validate, validate_values
from experiments.errors import ConfigError
from experiments.reporting import terminal
from experiments.reporting.search_results import Result
from experiments.runs.tags import STUDY
from experiments.runtime.signals import ignore_interrupts
from experiments.runtime.streams import print_error
from experiments.runtime.workers import WorkerDied, Workers, begin_imports, processes
from experiments.search.space import Space
from experiments.search.study import Study, is_retry, storage_uri
from experiments.search.trials import Outcome, TrialJob
from experiments.sweeps.local_launcher import WORKER_IMPORTS
from experiments.sweeps.parent_run import ParentRun
from experiments.tracking import Place, RunStore, Tracker, clear_up
from experiments.training.build import load_splits
from experiments.training.resume import latest, one_at_a_time
from experiments.training.stopping import StopRequest, listen

_SHOWN = 10  # trials in the terminal's leaderboard


class Search:
    """One study and its parent run. This process asks the study and tells it; workers train.

    ``overrides`` are what the user typed. Those of ``search`` say how to search, all others are
    fixed: a trial trains exactly what ``experiments.train`` would with them and its own. Raises
    ``ConfigError``, or another error for bad input, before any training.
    """

    def __init__(self, config: DictConfig, overrides: Sequence[str], stop: StopRequest) -> None:
        self._settings, self._stop = config.search, stop
        validate_values(config)
        self._fixed = [text for text in overrides if _key(text).partition(".")[0] != "search"]
        fixed = {_key(text): text.partition("=")[2] for text in self._fixed}
        _refuse_sweeps(fixed)
        base = self._compose([])
        validate(base)
        where = Place.of(base.tracking)
        self._space = Space(self._settings.space, fixed, self._compose)
        storage = storage_uri(self._settings.storage, where.uri)
        begin_imports(WORKER_IMPORTS, "experiments.search.trials")
        # Once, before all workers need it at the same time.
        load_splits(base)
        clear_up(where.journals, print_error)

        digest = _digest(self._space, base)
        self._name = self._settings.study or f"search-{digest[:12]}"

        def begin() -> tuple[Study, Tracker]:
            same = RunStore(where.uri, new=True).searches(self._name)
            earlier = latest(same, where)
            study = Study(
                self._name,
                storage,
                self._settings,
                digest=digest,
                seed=base.seed,
                epochs=base.epochs,
            )
            tracker = Tracker(
                where,
                name=self._name,
                kind="search",
                parameters={
                    "search.sampler": self._settings.sampler,
                    "search.pruner": self._settings.pruner,
                    "search.overrides": " ".join(overrides),
                },
                tags={STUDY: self._name},
                resumed=earlier,
            )
            return study, tracker

        self._study, tracker = one_at_a_time(begin, where, self._name, tell=terminal.print_text)
        self._parent = ParentRun(where, tracker)
        self._best = max((result.value or 0 for result in self._study.results()), default=-1.0)

    def run(self) -> int:
        """Runs as many trials as were wanted; returns the exit status."""
        listen(self._stop)
        status, finished = "FAILED", False
        try:
            with self._study.explained():
                self._study.recover()
                self._search()
                ignore_interrupts()
                self._parent.gather()
                finished = self._summarise()
            status = "KILLED" if self._stop.made else "FINISHED" if finished else "FAILED"
        except KeyboardInterrupt:
            status = "KILLED"
            raise
        finally:  # without a summary, too: a parent must not stay RUNNING
            self._parent.tracker.end(status)
        if self._stop.made:
            print_error("stopped: the same command continues")
            return INTERRUPTED
        return 0 if finished else FAILED

    # --- the trials ---------------------------------------------------------------------

    def _search(self) -> None:
        self._deadline = time.monotonic() + (self._settings.timeout or float("inf"))
        left = max(self._study.left, 0)
        progress = terminal.SweepProgress("search", left)
        try:
            with Workers(min(left, processes(self._settings.n_jobs))) as workers:
                while self._continues:  # again, if the very last trial was lost
                    for job, outcome in workers.run(TrialJob.run, self._jobs()):
                        if isinstance(outcome, WorkerDied):
                            outcome = self._lost(job, outcome)
                        else:
                            self._study.tell(job.trial, outcome)
                        self._show(progress, job, outcome)
        finally:
            progress.stop()

    @property
    def _continues(self) -> bool:
        """Whether to start another trial."""
        late = time.monotonic() > self._deadline
        return self._study.left > 0 and not late and not self._stop.made

    def _jobs(self) -> Iterator[TrialJob]:
        """The next trials; each is chosen when a worker is free."""
        while self._continues:
            trial = self._study.ask()
            overrides = self._space.suggest(trial)
            config = self._compose(overrides)
            config.resume = config.resume or is_retry(trial)  # its run may already have epochs
            name = " ".join(map(_short, overrides))
            yield TrialJob(trial, config, name, self._parent.run_id, self._stop)

    def _lost(self, job: TrialJob, died: WorkerDied) -> Outcome:
        """A worker has died: its run ends, and its trial is tried again."""
        self._parent.deliver()
        error = f"its worker process {died}, maybe because memory ran out"
        if self._study.tell_lost(job.trial):
            return Outcome("stopped", error=f"{error}; the trial is tried again")
        return Outcome("failed", error=error)

    def _show(self, progress: terminal.SweepProgress, job: TrialJob, outcome: Outcome) -> None:
        if outcome.error:
            print_error(f"{job.name}: {outcome.error}")
        if outcome.end != "stopped":
            accuracy = -1.0 if outcome.val_accuracy is None else outcome.val_accuracy
            self._best = max(self._best, accuracy)
            progress.ended(job.name, outcome.end.upper(), accuracy, self._best)

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        """What ``experiments.train`` would train."""
        return hydra.compose("config", [*self._fixed, *overrides])

    # --- the end ------------------------------------------------------------------------

    def _summarise(self) -> bool:
        """Pictures, tables, the best config; True if no trial failed, except by divergence."""
        results = self._study.results()
        counts = Counter(result.end for result in results)
        children = self._parent.children
        if rows := self._parent.rank(children):
            title = f"search {self._name} ({self._parent.run_id})"
            terminal.print_leaderboard(rows[:_SHOWN], title)
            self._parent.crown(children)
        ends = ", ".join(f"{count} {end}" for end, count in counts.most_common())
        terminal.print_text(f"{len(results)} of {self._settings.trials} trials: {ends or 'none'}")
        finished = [result for result in results if result.end == "finished"]
        if finished:
            self._draw(results)
            self._name_best(max(finished, key=lambda result: result.value or 0))
        metrics = {f"trials_{end}": float(count) for end, count in counts.items()}
        self._parent.tracker.log_metrics({**metrics, "best_val_accuracy": self._best}, len(results))
        return counts["failed"] == 0

    def _draw(self, results: Sequence[Result]) -> None:
        from experiments.reporting import search_plots

        logarithmic, shares = self._space.logarithmic, self._study.importances()
        for name, draw in (
            ("history", partial(search_plots.history, results)),
            (
                "parallel_coordinates",
                partial(search_plots.parallel_coordinates, results, logarithmic),
            ),
            ("importances", partial(search_plots.importances, shares)),
        ):
            self._parent.tracker.write_artifact(f"plots/{name}.png", partial(draw, self._name))

    def _name_best(self, best: Result) -> None:
        """Writes the best config to a file, and prints the command that trains it."""
        overrides = [*self._fixed, *best.overrides]
        command = f"python -m experiments.train {shlex.join(overrides)}"
        text = f"# {command}\n# val_accuracy {best.value:.4f}\n{yaml.safe_dump(overrides)}"
        self._parent.tracker.write_text("best.yaml", text)
        terminal.print_text(f"train it in full: {command}")


def _refuse_sweeps(fixed: Mapping[str, str]) -> None:
    for key in ("sweep", "launcher"):
        if key in fixed:
            allowed = "not allowed in a search, which has a space and search.n_jobs processes"
            raise ConfigError(key, fixed[key], allowed)


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].partition("@")[0]


def _short(override: str) -> str:
    """Long numbers with four digits: ``optimizer.learning_rate=0.003162``."""
    key, _, value = override.partition("=")
    return f"{key}={terminal.shortened(value)}"


def _digest(space: Space, base: DictConfig) -> str:
    """SHA-256 of the search space and of all fixed values."""
    described = [space.describe(), identity(flatten(base))]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
