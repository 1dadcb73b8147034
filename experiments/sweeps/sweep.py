"""A sweep: one parent run, its progress, summary and leaderboard."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from omegaconf import DictConfig

from experiments.config.digests import config_digest, flatten, sweep_digest
from experiments.errors import RunStoreError, StoreSilent
from experiments.reporting import terminal
from experiments.reporting.sweep_results import SweepResults
from experiments.runs.attempts import one_per_combination
from experiments.runs.ranking import Row
from experiments.runs.summary import RunSummary
from experiments.runs.tags import SWEEP_DIGEST
from experiments.runtime.patience import PATIENCE, patiently
from experiments.runtime.streams import print_error
from experiments.sweeps.lesson import Lesson
from experiments.sweeps.multirun import task_overrides
from experiments.sweeps.parent_run import ParentRun
from experiments.tracking import Place, RunStore, Tracker
from experiments.training.resume import latest, one_at_a_time

_POLL_SECONDS = 0.5
_STOPPED = ("KILLED", "FAILED")


class Sweep:
    """One parent run in the store, whose children the terminal shows until it is closed."""

    def __init__(
        self, config: DictConfig, combinations: Sequence[DictConfig], lesson: Lesson | None
    ) -> None:
        self._lesson = lesson
        overrides = " ".join(task_overrides(config.hydra))
        digests = [config_digest(flatten(combination)) for combination in combinations]
        digest = sweep_digest(digests)
        # With resume, equal combinations share one run.
        self._digests = list(dict.fromkeys(digests)) if config.resume else digests
        self._total = len(self._digests)
        where = Place.of(config.tracking)
        self._name = config.hydra.runtime.choices.get("sweep") or overrides or "sweep"

        def begin() -> tuple[Tracker, bool]:
            """The tracker of the parent run, and whether that run is an earlier one."""
            resumed = None
            if config.resume:
                same = RunStore(where.uri, new=True).same_sweeps(digest)
                resumed = latest(same, where)
            tracker = Tracker(
                where,
                name=self._name,
                kind="sweep",
                parameters={"sweep.runs": self._total, "sweep.overrides": overrides},
                tags={SWEEP_DIGEST: digest},
                resumed=resumed,
            )
            return tracker, resumed is not None

        tracker, resumed = one_at_a_time(begin, where, digest, tell=terminal.print_text)
        self._parent = ParentRun(where, tracker)
        earlier = self._children if resumed else []
        if earlier:
            finished = sum(run.status == "FINISHED" for run in earlier)
            terminal.print_text(f"{finished} of {self._total} runs have finished already")
        # These will run again, so the progress bar does not count them yet.
        self._stopped = {run.run_id for run in earlier if run.status in _STOPPED}
        self._ended: set[str] = set()
        self._closing = threading.Event()
        self._progress = terminal.SweepProgress("sweep", self._total)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def run_id(self) -> str:
        return self._parent.run_id

    @property
    def _children(self) -> list[RunSummary]:
        return one_per_combination(self._parent.children, self.run_id, self._digests)

    def close(self, *, status: str = "FAILED", reason: str = "its process ended early") -> bool:
        """Ends the sweep with its summary; True if every run finished, and the lesson shows.

        Runs that still count as running have lost their process: they end with
        ``status`` and ``reason``.
        """
        self._closing.set()
        self._watcher.join(PATIENCE)
        finished = False
        try:
            self._parent.gather(status=status, reason=reason)
            self._look()
            self._progress.stop()
            finished = patiently(self._summarise, passing=StoreSilent)
        except StoreSilent as error:
            raise StoreSilent(
                f"{error}; {self._parent.journals} keeps what the runs have logged: once the store "
                "answers, the same command with resume=true delivers it and writes the summary"
            ) from error
        finally:  # without a summary, too: a parent must not stay RUNNING
            self._progress.stop()
            self._parent.tracker.end("FINISHED" if finished else status)
        return finished

    def _watch(self) -> None:
        import experiments.reporting.sweep_plots  # noqa: F401 - takes seconds: done here, it costs the end nothing

        pause = _POLL_SECONDS
        while not self._closing.wait(pause):
            started = time.monotonic()
            self._look()
            # A look at a thousand runs takes a second of a processor that the workers need.
            pause = max(_POLL_SECONDS, 100 * (time.monotonic() - started))
            with suppress(OSError):  # the next look tries again
                self._parent.deliver()

    def _look(self) -> None:
        """Reports the runs that have ended since the last look."""
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
        children = self._children
        rows = self._parent.rank(children)
        if (missing := self._total - len(children)) > 0:
            print_error(f"{missing} of {self._total} runs never started")
        if not rows:
            return False
        self._draw(rows)
        terminal.print_leaderboard(rows, f"sweep {self._name} ({self.run_id})")
        self._parent.crown(children)
        best = next(run for run in children if run.run_id == rows[0].run_id)
        if best.reads_digits and rows[0].val_accuracy is not None:
            terminal.print_next_steps(best.run_id, self._parent.tracker.store)
        if self._lesson:
            return self._tell(self._lesson, children)
        kept = self._parent.keeps_artifacts(children)
        return kept and [run.status for run in children] == ["FINISHED"] * self._total

    def _tell(self, lesson: Lesson, children: Sequence[RunSummary]) -> bool:
        """Whether all runs are over, finished or diverged, and show what the lesson says."""
        if sum(run.over for run in children) < self._total:
            print_error("the lesson needs all of its runs: resume=true continues them")
            return False
        store = self._parent.store
        return lesson.tell(store.run(self.run_id), store, self._parent.tracker)

    def _draw(self, rows: Sequence[Row]) -> None:
        from experiments.reporting.sweep_plots import sweep_plots

        runs = [run_id for row in rows for run_id in row.runs]
        accuracies = self._parent.store.histories(runs, "val_accuracy")
        results = SweepResults.of(self._name, rows, accuracies=accuracies)
        for name, draw in sweep_plots(results).items():
            self._parent.tracker.write_artifact(f"plots/{name}.png", draw)
