"""The parent run of a sweep or a search: its children, and their ranking at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import final

from experiments.errors import StoreSilent
from experiments.runs.ranking import Row, columns, rank
from experiments.runs.summary import RunSummary
from experiments.runtime.patience import PATIENCE, patiently
from experiments.runtime.streams import print_error
from experiments.sweeps.champions import crown
from experiments.tracking import (
    Place,
    RunStore,
    Tracker,
    end_lost_children,
    lacks_artifacts,
    recover,
)

LOST_WORKER = "its worker process died: killed, or out of memory"


@final
class ParentRun:
    """One run that others belong to, which ``tracker`` writes."""

    def __init__(self, where: Place, tracker: Tracker) -> None:
        assert tracker.run_id is not None
        self.tracker, self.run_id = tracker, tracker.run_id
        self.store, self.journals = RunStore(where.uri), where.journals

    @property
    def children(self) -> list[RunSummary]:
        """As ``RunStore.children`` gives them."""
        return self.store.children(self.run_id)

    def deliver(
        self, *, status: str = "FAILED", reason: str = LOST_WORKER, patience: float = 0.0
    ) -> list[str]:
        """Delivers the journals of dead workers; waits ``patience`` seconds for a silent store.

        Their unfinished runs get ``status`` and ``reason``. Returns a line for each that is left.
        """
        deadline = time.monotonic() + patience
        while True:
            # All of them before the next attempt: one silent store must not hold back the others.
            found = list(recover(self.journals, status=status, reason=reason))
            silent = any(run.silent and run.uri == self.store.uri for run in found)
            if not silent or time.monotonic() > deadline:
                return [run.left for run in found if run.left]
            time.sleep(1)

    def gather(self, *, status: str = "FAILED", reason: str = LOST_WORKER) -> None:
        """After all workers: ends the children that still count as running."""
        for left in self.deliver(status=status, reason=reason, patience=PATIENCE):
            print_error(left)
        end = partial(end_lost_children, self.store, self.run_id, self.journals)
        patiently(partial(end, status=status, reason=reason), passing=StoreSilent)

    def keeps_artifacts(self, children: Sequence[RunSummary]) -> bool:
        """Whether each finished child still has its files, if this machine keeps them.

        Prints a line about those that somebody has removed.
        """
        gone = [run for run in children if lacks_artifacts(run, self.journals)]
        if gone:
            print_error(
                f"{len(gone)} of {len(children)} runs have lost their artifacts, as run "
                f"{gone[0].run_id} in {gone[0].artifact_uri}: somebody has removed them"
            )
        return not gone

    def rank(self, children: Sequence[RunSummary]) -> list[Row]:
        """Their leaderboard, which is also logged."""
        rows = rank(children)
        if rows:
            self.tracker.log_table("leaderboard.json", columns(rows))
        return rows

    def crown(self, children: Sequence[RunSummary]) -> None:
        """The best child on each data set becomes its champion if it beats the current one."""
        crown(self.store, children)
