"""The runs of a lesson's sweep, chosen by their config, and the means of what they logged."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, final

from experiments.conditions import ConditionError, meaning, parse
from experiments.reporting.sweep_results import History

if TYPE_CHECKING:
    from experiments.tracking import RunStore, RunSummary  # at run time this would import mlflow

Histories = Mapping[str, History]
"""Of one metric, by run id."""


class LessonError(Exception):
    """The runs are not those that the lesson is about; the message is one line."""


@final
class LessonRuns:
    """Some runs of one sweep, at least one; ``where`` chooses among them.

    ``histories`` has those of a metric in all runs of the sweep, and is asked once for each.
    """

    def __init__(self, runs: Sequence[RunSummary], histories: Callable[[str], Histories]) -> None:
        if not runs:
            raise LessonError("the sweep has no runs")
        self._runs, self._histories = runs, histories

    @classmethod
    def of(cls, store: RunStore, sweep_id: str) -> Self:
        """The children of a sweep: of each config the newest, as other data may have come."""
        newest = {}
        for run in sorted(store.children(sweep_id), key=lambda run: run.started):
            newest[frozenset(run.params.items())] = run
        runs = list(newest.values())
        found: dict[str, Histories] = {}

        def histories(metric: str) -> Histories:
            if metric not in found:
                found[metric] = store.histories([run.run_id for run in runs], metric)
            return found[metric]

        return cls(runs, histories)

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def where(self, *conditions: str) -> LessonRuns:
        """Those that meet all conditions: ``where("model.init=zeros", "optimizer=adam")``.

        Raises ``LessonError`` if there is none.
        """
        chosen = self._runs
        try:
            for condition in conditions:
                chosen = parse(condition).choose(chosen)
        except ConditionError as error:
            raise LessonError(str(error)) from error
        return LessonRuns(chosen, self._histories)

    def levels(self, key: str) -> list[Any]:
        """The values of a key, under its logged name, in ascending order: ``[2, 10]``, …"""
        typed = {run.params[key] for run in self._runs if key in run.params}
        return sorted(map(meaning, typed))

    @property
    def diverged(self) -> bool:
        """Whether one of them did."""
        return any(run.diverged for run in self._runs)

    def latest(self, metric: str) -> float:
        """The mean over the runs that finished of what they logged last; NaN if none did."""
        return _mean([run.metrics[metric] for run in self._finished if metric in run.metrics])

    def curve(self, metric: str) -> dict[int, float]:
        """The mean at each step (an epoch, or 0 before the first) over the runs that got there."""
        values: dict[int, list[float]] = {}
        for run in self._runs:
            for step, value in self._histories(metric)[run.run_id]:
                values.setdefault(step, []).append(value)
        return {step: _mean(found) for step, found in sorted(values.items())}

    def all_values(self, metric: str) -> list[float]:
        """What any of the runs ever logged, diverged ones included."""
        return [value for run in self._runs for _, value in self._histories(metric)[run.run_id]]

    @property
    def _finished(self) -> list[RunSummary]:
        return [run for run in self._runs if run.status == "FINISHED"]


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else math.nan
