"""Groups of runs that differ only in their seed, from best to worst."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.runs.summary import RunSummary

SEED = "seed"
FINISHED = "finished"


@dataclass(frozen=True)
class Row:
    """One group in the ranking: runs of one config with several seeds.

    Accuracies (0–1) are means over the seeds that finished, with sample standard deviations;
    None if there is no value, or only one for a deviation. If no seed finished, ``finished`` is 0
    and the accuracies are the latest ones of the unfinished runs.
    """

    rank: int
    run_id: str  # the best run of the group
    factors: dict[str, str]  # the config keys in which the groups differ
    val_accuracy: float | None
    val_deviation: float | None
    test_accuracy: float | None
    test_deviation: float | None
    seconds: float | None  # mean time of the training passes
    seeds: int
    finished: int
    runs: dict[str, str]  # run id -> how it ended, best run first: {"f80faed3…": "finished"}

    @property
    def label(self) -> str:
        """The values that distinguish this group: ``he_normal · relu · adam``."""
        return " · ".join(self.factors.values())

    @property
    def unfinished(self) -> str:
        """How the unfinished seeds ended: ``2 diverged, 1 killed``; empty if all finished."""
        fates = Counter(fate for fate in self.runs.values() if fate != FINISHED)
        return ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))

    @property
    def counted(self) -> list[str]:
        """The ids of the runs whose accuracies count for the group."""
        finished = [run_id for run_id, fate in self.runs.items() if fate == FINISHED]
        return finished or list(self.runs)


def rank(runs: Sequence[RunSummary]) -> list[Row]:
    """The groups of ``runs`` by mean validation accuracy, best first.

    Only seeds that finished count: a diverged run has no meaningful accuracy. The smaller
    ``finished`` is compared with ``seeds``, the less the mean can be trusted. Groups without a
    finished seed come last.
    """
    factors = [key for key in swept_factors(runs) if key != SEED]
    groups = sorted(_groups(runs), key=_place)
    return [_row(number, group, factors) for number, group in enumerate(groups, start=1)]


def swept_factors(runs: Sequence[RunSummary]) -> list[str]:
    """The config keys whose values differ between the runs.

    The keys inside a config group differ with its name: Adam has no momentum, SGD no β, and
    their default learning rates differ. Then the name alone counts.
    """
    keys = sorted({key for run in runs for key in run.params})
    varying = [key for key in keys if len({run.params.get(key) for run in runs}) > 1]
    return [key for key in varying if not _explained_by_name(key, varying, runs)]


def fate(run: RunSummary) -> str:
    """How a run ended: finished, diverged, pruned, failed or killed; else running."""
    if run.pruned:
        return "pruned"
    return "diverged" if run.diverged else run.status.lower()


def columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows as columns, for a table artifact or a CSV file."""
    accuracies = ("val_accuracy", "val_deviation", "test_accuracy", "test_deviation")
    others = (*accuracies, "seconds", "seeds", "finished", "unfinished", "run_id")
    return {
        "rank": [row.rank for row in rows],
        **{factor: [row.factors[factor] for row in rows] for factor in rows[0].factors},
        **{name: [getattr(row, name) for row in rows] for name in others},
    }


def _groups(runs: Sequence[RunSummary]) -> list[list[RunSummary]]:
    """Groups of runs whose settings differ only in the seed; in each group, the best run first.

    Every seed counts once: by its newest finished run, else by its newest run.
    """
    groups: dict[frozenset[tuple[str, str]], dict[str | None, RunSummary]] = {}
    for run in sorted(runs, key=lambda run: (run.status == "FINISHED", run.started)):
        config = frozenset(item for item in run.params.items() if item[0] != SEED)
        groups.setdefault(config, {})[run.params.get(SEED)] = run
    return [
        sorted(group.values(), key=lambda run: (run.status != "FINISHED", -run.val_accuracy))
        for group in groups.values()
    ]


def _counted(group: Sequence[RunSummary]) -> Sequence[RunSummary]:
    """The runs whose accuracies count for the group."""
    return [run for run in group if run.status == "FINISHED"] or group


def _place(group: Sequence[RunSummary]) -> tuple[bool, float, float]:
    counted = _counted(group)
    mean, _ = _spread(_accuracies(counted))
    oldest = min(run.started for run in group)
    return counted[0].status != "FINISHED", 1.0 if mean is None else -mean, oldest.timestamp()


def _accuracies(runs: Sequence[RunSummary]) -> list[float | None]:
    return [run.metrics.get("best_val_accuracy") for run in runs]


def _row(number: int, group: Sequence[RunSummary], factors: Sequence[str]) -> Row:
    counted = _counted(group)
    val, val_deviation = _spread(_accuracies(counted))
    test, test_deviation = _spread([run.metrics.get("test_accuracy") for run in counted])
    seconds, _ = _spread([run.training_seconds for run in counted])
    return Row(
        rank=number,
        run_id=group[0].run_id,
        factors={factor: group[0].params.get(factor, "—") for factor in factors},
        val_accuracy=val,
        val_deviation=val_deviation,
        test_accuracy=test,
        test_deviation=test_deviation,
        seconds=seconds,
        seeds=len(group),
        finished=sum(run.status == "FINISHED" for run in group),
        runs={run.run_id: fate(run) for run in group},
    )


def _spread(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Mean and sample standard deviation of the values that are not None."""
    known = [value for value in values if value is not None]
    mean = statistics.fmean(known) if known else None
    return mean, statistics.stdev(known) if len(known) > 1 else None


def _explained_by_name(key: str, varying: Sequence[str], runs: Sequence[RunSummary]) -> bool:
    name = f"{key.partition('.')[0]}.name"
    if key == name or name not in varying:
        return False
    values: dict[str | None, set[str | None]] = {}
    for run in runs:
        values.setdefault(run.params.get(name), set()).add(run.params.get(key))
    return all(len(seen) == 1 for seen in values.values())
