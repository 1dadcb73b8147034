"""The parent run of a sweep or a search: its children, and their ranking at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import final

from experiments.runs.ranking import Row, columns, rank
from experiments.runs.summary import RunSummary
from experiments.sweeps.champions import crown
from experiments.tracking import Place, RunStore, Tracker, end_lost_children, recover

_PATIENCE = 60.0  # seconds to wait for a silent store at the end
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
    ) -> None:
        """Delivers the journals of dead workers; waits ``patience`` seconds for a silent store.

        Their unfinished runs get ``status`` and ``reason``.
        """
        deadline = time.monotonic() + patience
        while True:
            # All of them before the next attempt: one silent store must not hold back the others.
            found = list(recover(self.journals, status=status, reason=reason))
            if not any(run.silent for run in found) or time.monotonic() > deadline:
                return
            time.sleep(1)

    def gather(self, *, status: str = "FAILED", reason: str = LOST_WORKER) -> None:
        """After all workers: ends the children that still count as running."""
        self.deliver(status=status, reason=reason, patience=_PATIENCE)
        end_lost_children(self.store, self.run_id, status=status, reason=reason)

    def rank(self, children: Sequence[RunSummary]) -> list[Row]:
        """Their leaderboard, which is also logged."""
        rows = rank(children)
        if rows:
            self.tracker.log_table("leaderboard.json", columns(rows))
        return rows

    def crown(self, children: Sequence[RunSummary]) -> None:
        """The best child on each data set becomes its champion if it beats the current one."""
        crown(self.store, children)
