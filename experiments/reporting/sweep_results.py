"""What the pictures of a sweep show: groups of runs, and their levels of each factor."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.reporting.factors import Factor, factors_of
from experiments.reporting.literal import literal
from experiments.runs.ranking import Row

History = Sequence[tuple[int, float]]
"""(epoch, value) for every finished epoch of one run."""


@dataclass(frozen=True)
class Group:
    """Runs that differ only in their seed, with their levels of the swept factors."""

    row: Row
    levels: Mapping[str, str]  # factor -> level, as the reader sees them
    curves: Mapping[str, Mapping[int, float]]  # run id -> epoch -> validation accuracy (0–1)

    @property
    def broken(self) -> list[Mapping[int, float]]:
        """The curves of runs that diverged or failed."""
        fates = self.row.runs
        return [c for run_id, c in self.curves.items() if fates[run_id] in ("diverged", "failed")]

    @property
    def label(self) -> str:
        """``he_normal · relu``."""
        return " · ".join(self.levels.values())


@dataclass(frozen=True)
class SweepResults:
    """The groups of one sweep, best first, and the swept factors, strongest first."""

    title: str
    groups: Sequence[Group]
    factors: Sequence[Factor]

    @classmethod
    def of(
        cls,
        title: str,
        rows: Sequence[Row],
        *,
        accuracies: Mapping[str, History],
    ) -> SweepResults:
        """``accuracies`` of each epoch by run id."""
        factors, places = factors_of([replace(row, factors=_literal(row.factors)) for row in rows])
        groups = [
            Group(
                row,
                place,
                {run_id: dict(accuracies[run_id]) for run_id in row.runs if accuracies[run_id]},
            )
            for row, place in zip(rows, places, strict=True)
        ]
        return cls(title, groups, factors)

    def panels(self, factors: Sequence[Factor]) -> list[tuple[str, list[Group]]]:
        """The groups by their levels of these factors, with headings; one panel without factors."""
        found = []
        for levels in itertools.product(*(factor.levels for factor in factors)):
            place = dict(zip((factor.name for factor in factors), levels, strict=True))
            groups = [group for group in self.groups if place.items() <= group.levels.items()]
            if groups:
                heading = ", ".join(f"{name}: {level}" for name, level in place.items())
                found.append((heading, groups))
        return found


def _literal(factors: Mapping[str, str]) -> dict[str, str]:
    return {literal(key): literal(value) for key, value in factors.items()}
