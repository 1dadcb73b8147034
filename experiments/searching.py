"""A search: one parent run, trials in parallel processes, progress, pictures, the best config."""

from __future__ import annotations

import hashlib
import json
import shlex
import signal
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType

import hydra
import yaml
from joblib import cpu_count
from omegaconf import DictConfig
from optuna import Trial

from experiments import provenance
from experiments.config import ConfigError, flatten, validate, validate_values
from experiments.datasets import load
from experiments.ranking import rank, table
from experiments.reporting import terminal
from experiments.resuming import check_free
from experiments.running import clear_up
from experiments.space import Space
from experiments.study import Result, Study, is_retry, storage_uri
from experiments.sweeping import LOST_WORKER
from experiments.tracking import STUDY, RunStore, RunSummary, Tracker, recover
from experiments.trial_workers import Died, Ended, Job, Message, Reached, Verdict, Worker, speaking

_FINISHED, _FAILED, _INTERRUPTED = 0, 1, 130  # exit status
_POLL_SECONDS = 0.5
_SHOWN = 10  # trials in the terminal's leaderboard


class Search:
    """A study that is driven from here: workers only train and report.

    ``overrides`` are what the user has typed; those of ``search`` say how to search, all
    others are fixed for every trial, which trains exactly what ``experiments.train`` would
    with them and the trial's own. Raises ``ConfigError`` and what else is wrong with the
    input before anything is trained.
    """

    def __init__(self, config: DictConfig, overrides: Sequence[str]) -> None:
        self._settings = config.search
        validate_values(config)
        self._fixed = [text for text in overrides if _key(text).partition(".")[0] != "search"]
        fixed = [_key(text) for text in self._fixed]
        for key in ("sweep", "launcher"):
            if key in fixed:
                allowed = "not in a search: it has a space, and search.n_jobs processes"
                raise ConfigError(key, "…", allowed)
        base = self._compose([])
        validate(base)
        where = base.tracking
        self._space = Space(self._settings.space, fixed, self._compose)
        # Once, before the workers want it all at the same time.
        load(base.data.name, val_fraction=base.data.val_fraction, seed=base.seed)
        clear_up(base, terminal.print_error)

        self._store = RunStore(where.uri, new=True)
        self._journals = Path(where.journal)
        digest = _digest(self._space, base)
        self._name = self._settings.study or f"search-{digest[:12]}"
        earlier = self._earlier()
        self._study = Study(
            self._name,
            storage_uri(self._settings.storage, where.uri),
            self._settings,
            digest=digest,
            seed=base.seed,
            epochs=base.epochs,
        )
        self._tracker = Tracker(
            name=self._name,
            kind="search",
            uri=where.uri,
            experiment=where.experiment,
            artifacts=where.artifacts,
            journal=where.journal,
            parameters={
                "search.sampler": self._settings.sampler,
                "search.pruner": self._settings.pruner,
                "search.overrides": " ".join(overrides),
            },
            tags={STUDY: self._name},
            resumed=earlier,
        )
        assert self._tracker.run_id is not None  # without a store no search begins
        self._run_id = self._tracker.run_id
        self._trials: dict[Worker, tuple[Trial, str]] = {}
        self._idle: list[Worker] = []
        self._best = max((result.value or 0 for result in self._study.results()), default=-1.0)
        self._stopping = False

    def run(self) -> int:
        """Searches until there are as many trials as were wanted; the exit status."""
        signal.signal(signal.SIGINT, self._interrupted)
        status = "FAILED"
        try:
            with self._study.explained():
                self._study.recover()
                left = self._study.left
                self._progress = terminal.SweepProgress(max(left, 0))
                try:
                    self._search(workers=min(left, self._processes()))
                except KeyboardInterrupt:
                    self._stopping = True
                finally:
                    _ignore_interrupts()
                    for worker in [*self._idle, *self._trials]:
                        worker.close()
                    self._progress.stop()
                finished = self._summarise()
            status = "KILLED" if self._stopping else "FINISHED" if finished else "FAILED"
        finally:  # a parent that counts as running for ever would be worse than no summary
            self._tracker.end(status)
        if self._stopping:
            terminal.print_error("interrupted: the same command goes on")
            return _INTERRUPTED
        return _FINISHED if finished else _FAILED

    # --- the trials ---------------------------------------------------------------------

    def _search(self, workers: int) -> None:
        end = time.monotonic() + (self._settings.timeout or float("inf"))
        self._idle = [Worker() for _ in range(workers)]
        while True:
            while (
                self._idle
                and not self._stopping
                and time.monotonic() < end
                and self._study.left > 0
            ):
                self._begin(self._idle.pop())
            if not self._trials:
                return
            for worker in speaking(list(self._trials), _POLL_SECONDS):
                self._hear(worker, worker.receive())

    def _begin(self, worker: Worker) -> None:
        trial = self._study.ask()
        overrides = self._space.suggest(trial)
        name = " ".join(map(_short, overrides))
        config = self._compose(overrides)
        if is_retry(trial):
            config.resume = True  # its run has epochs already
        worker.send(Job(config, name, self._run_id))
        self._trials[worker] = trial, name

    def _hear(self, worker: Worker, message: Message) -> None:
        trial, name = self._trials[worker]
        if isinstance(message, Reached):
            pruned = self._study.report(trial, message.epoch, message.val_accuracy)
            verdict = Verdict.PRUNE if pruned else Verdict.GO_ON
            worker.send(Verdict.STOP if self._stopping else verdict)
            return
        del self._trials[worker]
        if isinstance(message, Died):
            self._bury(worker, trial, name)
            return
        self._idle.append(worker)
        if message.status != "STOPPED":  # else the study still has it under way, for the next time
            self._tell(trial, name, message)

    def _tell(self, trial: Trial, name: str, ended: Ended) -> None:
        if ended.status == "FINISHED":
            self._study.tell(trial, "finished", ended.val_accuracy)
            self._best = max(self._best, ended.val_accuracy)
        elif ended.status == "PRUNED":
            self._study.tell(trial, "pruned")
        else:
            self._study.tell(trial, "diverged" if ended.status == "DIVERGED" else "failed")
            terminal.print_error(f"{name}: {ended.error}")
        self._progress.ended(name, ended.status, ended.val_accuracy, self._best)

    def _bury(self, worker: Worker, trial: Trial, name: str) -> None:
        """A worker has died: its trial goes to another one."""
        worker.close()
        for _ in recover(self._journals, status="FAILED", reason=LOST_WORKER):
            pass
        again = self._study.tell_lost(trial)
        terminal.print_error(f"{name}: {LOST_WORKER}{'; it is tried again' if again else ''}")
        if not again:
            self._progress.ended(name, "FAILED", -1.0, self._best)
        self._idle.append(Worker())

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        """What ``experiments.train`` would train."""
        return hydra.compose("config", [*self._fixed, *overrides])

    def _processes(self) -> int:
        return cpu_count() if self._settings.n_jobs == -1 else self._settings.n_jobs

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C once: no further epoch. Twice: not even to the end of this one."""
        if self._stopping:
            raise KeyboardInterrupt
        self._stopping = True
        terminal.print_error("stopping after the current epochs; Ctrl-C again stops now")

    def _earlier(self) -> RunSummary | None:
        """The parent run of the same study, if there is one."""
        for run in self._store.searches(self._name):
            if run.status == "RUNNING":
                check_free(run, self._journals)
            return run
        return None

    # --- the end ------------------------------------------------------------------------

    def _summarise(self) -> bool:
        """Pictures, tables, the best config; True if no trial failed but by divergence."""
        results = self._study.results()
        counts = Counter(result.end for result in results)
        rows = rank(self._store.children(self._run_id))
        if rows:
            self._tracker.log_table("leaderboard.json", table(rows))
            terminal.print_leaderboard(rows[:_SHOWN], f"search {self._name} ({self._run_id})")
        states = ", ".join(f"{count} {end}" for end, count in counts.most_common())
        terminal.print_text(f"{len(results)} of {self._settings.trials} trials: {states or 'none'}")
        rated = [result for result in results if result.end == "finished"]
        if rated:
            self._draw(results)
            self._name_best(max(rated, key=lambda result: result.value or 0))
        metrics = {f"trials_{end}": float(count) for end, count in counts.items()}
        self._tracker.log_metrics({**metrics, "best_val_accuracy": self._best}, len(results))
        return counts["failed"] == 0

    def _draw(self, results: Sequence[Result]) -> None:
        from experiments.reporting import search_plots

        for name, draw in (
            ("history", partial(search_plots.history, results)),
            (
                "parallel_coordinates",
                partial(search_plots.parallel_coordinates, results, self._space.logarithmic),
            ),
            ("importances", partial(search_plots.importances, self._study.importances())),
        ):
            self._tracker.write_artifact(f"plots/{name}.png", partial(draw, self._name))

    def _name_best(self, best: Result) -> None:
        """The config that one would train next, as a file and as a command."""
        overrides = [*self._fixed, *best.overrides]
        command = f"python -m experiments.train {shlex.join(overrides)}"
        text = f"# val_accuracy {best.value:.4f}\n# {command}\n{yaml.safe_dump(overrides)}"
        self._tracker.write_artifact("best.yaml", lambda file: file.write_text(text))
        terminal.print_text(f"train it in full: {command}")


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].partition("@")[0]


def _short(override: str) -> str:
    """With four digits of a long number: ``optimizer.learning_rate=0.003162``."""
    key, _, text = override.partition("=")
    try:
        return f"{key}={float(text):.4g}"
    except ValueError:
        return override


def _digest(space: Space, base: DictConfig) -> str:
    """SHA-256 of what is searched and of what is fixed."""
    described = [space.describe(), provenance.deciding(flatten(base))]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _ignore_interrupts() -> None:
    """Another Ctrl-C would leave the parent run without its end: closing takes seconds."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
