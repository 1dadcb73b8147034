"""The runs of a lesson's sweep, filtered by config, and the means of their metrics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Self, final

from experiments.errors import FilterError, LessonError
from experiments.reporting.sweep_results import History
from experiments.runs.filters import meaning, parse

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore

Histories = Mapping[str, History]
"""The values of one metric, by run id."""


@final
class LessonRuns:
    """Some runs of one sweep, at least one; ``where`` chooses among them.

    ``histories`` returns the values of a metric in all runs of the sweep; ``conditions`` are those
    by which these runs were chosen.
    """

    def __init__(
        self,
        runs: Sequence[RunSummary],
        histories: Callable[[str], Histories],
        conditions: Sequence[str] = (),
    ) -> None:
        if not runs:
            raise LessonError("the sweep has no runs")
        self._runs, self._histories, self._conditions = runs, histories, conditions

    @classmethod
    def of(cls, store: RunStore, sweep_id: str) -> Self:
        """The children of a sweep, for each config the newest: the data may have changed since."""
        newest = {}
        for run in sorted(store.children(sweep_id), key=lambda run: run.started):
            newest[frozenset(run.params.items())] = run
        runs = list(newest.values())

        @cache
        def histories(metric: str) -> Histories:
            return store.histories([run.run_id for run in runs], metric)

        return cls(runs, histories)

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def where(self, *conditions: str) -> LessonRuns:
        """The runs that meet all conditions: ``where("model.init=zeros", "optimizer=adam")``.

        Raises ``LessonError`` if no run does.
        """
        chosen = self._runs
        try:
            for condition in conditions:
                chosen = parse(condition).choose(chosen)
        except FilterError as error:
            raise LessonError(str(error)) from error
        return LessonRuns(chosen, self._histories, (*self._conditions, *conditions))

    def levels(self, key: str) -> list[Any]:
        """The values of a key, under its logged name, in ascending order."""
        typed = {run.params[key] for run in self._runs if key in run.params}
        return sorted(map(meaning, typed))

    def by(self, key: str) -> list[tuple[Any, LessonRuns]]:
        """Each value of a key, in ascending order, with its runs."""
        return [(value, self.where(f"{key}={value}")) for value in self.levels(key)]

    def by_depth(self) -> dict[int, LessonRuns]:
        """The runs by the number of hidden layers, in ascending order."""
        found: dict[int, list[RunSummary]] = {}
        for hidden in sorted(self.levels("model.hidden"), key=len):
            found.setdefault(len(hidden), []).extend(self.where(f"model.hidden={hidden}"))
        return {n: LessonRuns(runs, self._histories, self._conditions) for n, runs in found.items()}

    def latest(self, metric: str, *, diverged: float = math.nan) -> float:
        """The mean of the last values of the runs that finished; ``diverged`` if none finished.

        Raises ``LessonError`` if no finished run has logged the metric.
        """
        finished = [run for run in self._runs if run.status == "FINISHED"]
        found = [run.metrics[metric] for run in finished if metric in run.metrics]
        if finished and not found:
            raise self._lack(metric)
        return statistics.fmean(found) if found else diverged

    def curve(self, metric: str) -> dict[int, float]:
        """The mean at each step (an epoch, or 0 before the first) over the runs that reached it.

        Raises ``LessonError`` if none has logged the metric.
        """
        values: dict[int, list[float]] = {}
        for run in self._runs:
            for step, value in self._histories(metric)[run.run_id]:
                values.setdefault(step, []).append(value)
        if not values:
            raise self._lack(metric)
        return {step: statistics.fmean(found) for step, found in sorted(values.items())}

    def all_values(self, metric: str) -> list[float]:
        """All values that the runs logged, including diverged runs.

        Raises ``LessonError`` if no run of the sweep has logged the metric.
        """
        histories = self._histories(metric)
        if not any(histories.values()):
            raise self._lack(metric)
        return [value for run in self._runs for _, value in histories[run.run_id]]

    def _lack(self, metric: str) -> LessonError:
        which = " ".join(self._conditions)
        diverged = any(run.diverged for run in self._runs)
        reason = "diverged before it" if diverged else "have not logged it"
        return LessonError(f"{metric} is missing: the runs of {which or 'the sweep'} {reason}")
