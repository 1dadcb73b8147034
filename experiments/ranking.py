"""Runs from best to worst, told apart by the config keys in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.tracking import RunSummary  # at run time this would import mlflow


@dataclass(frozen=True)
class Row:
    """One run in the ranking; accuracies 0–1, None where it never got that far."""

    rank: int
    run_id: str
    status: str
    factors: dict[str, str]  # the config keys in which the ranked runs differ
    val_accuracy: float | None
    test_accuracy: float | None
    seconds: float | None

    @property
    def label(self) -> str:
        """What sets this run apart: ``he_normal · relu · adam``."""
        return " · ".join(self.factors.values())


def rank(runs: Sequence[RunSummary]) -> list[Row]:
    """The runs by validation accuracy, best first; runs without one at the end."""
    factors = swept_factors(runs)
    ordered = sorted(runs, key=lambda run: (-run.val_accuracy, run.started))
    return [
        Row(
            rank=number,
            run_id=run.run_id,
            status="PRUNED" if run.pruned else run.status,
            factors={factor: run.params.get(factor, "—") for factor in factors},
            val_accuracy=run.val_accuracy if run.val_accuracy >= 0 else None,
            test_accuracy=run.metrics.get("test_accuracy"),
            seconds=run.seconds,
        )
        for number, run in enumerate(ordered, start=1)
    ]


def swept_factors(runs: Sequence[RunSummary]) -> list[str]:
    """The config keys whose values differ between the runs.

    A group's other keys differ with its name (Adam has no momentum, SGD no β), and
    so does a default that comes with it: the name alone tells them apart.
    """
    keys = sorted({key for run in runs for key in run.params})
    varying = [key for key in keys if len({run.params.get(key) for run in runs}) > 1]
    return [key for key in varying if not _explained_by_name(key, varying, runs)]


def _explained_by_name(key: str, varying: Sequence[str], runs: Sequence[RunSummary]) -> bool:
    name = f"{key.partition('.')[0]}.name"
    if key == name or name not in varying:
        return False
    values: dict[str | None, set[str | None]] = {}
    for run in runs:
        values.setdefault(run.params.get(name), set()).add(run.params.get(key))
    return all(len(seen) == 1 for seen in values.values())


def table(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows as columns, for a table artifact."""
    columns: dict[str, list[Any]] = {"rank": [row.rank for row in rows]}
    for factor in rows[0].factors:
        columns[factor] = [row.factors[factor] for row in rows]
    for name in ("val_accuracy", "test_accuracy", "seconds", "status", "run_id"):
        columns[name] = [getattr(row, name) for row in rows]
    return columns
