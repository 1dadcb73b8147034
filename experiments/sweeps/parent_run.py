"""The parent run of a sweep or a search: its children, and what is known when they are over."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, final

from experiments.runs.ranking import Row, columns, rank
from experiments.runs.summary import RunSummary
from experiments.runs.tags import RunKind
from experiments.sweeps.champions import crown
from experiments.tracking import Place, RunStore, Tracker, end_lost_children, recover

_PATIENCE = 60.0  # seconds that the end waits for a silent store
LOST_WORKER = "its worker process died: killed, or out of memory"


@final
class ParentRun:
    """One run that others belong to. Raises ``RunStoreError``: without a store nothing begins.

    ``resumed`` is a stopped parent run that continues.
    """

    def __init__(
        self,
        where: Place,
        *,
        name: str,
        kind: RunKind,
        parameters: Mapping[str, Any],
        tags: Mapping[str, str],
        resumed: RunSummary | None,
    ) -> None:
        self.name = name
        self.tracker = Tracker(
            where,
            name=name,
            kind=kind,
            parameters=parameters,
            tags=tags,
            resumed=resumed,
        )
        assert self.tracker.run_id is not None
        self.run_id = self.tracker.run_id
        self.store = RunStore(where.uri)
        self.journals = where.journals

    @property
    def children(self) -> list[RunSummary]:
        """As ``RunStore.children`` gives them."""
        return self.store.children(self.run_id)

    def deliver(
        self, *, status: str = "FAILED", reason: str = LOST_WORKER, patience: float = 0.0
    ) -> None:
        """What dead workers left behind; a silent store is waited for, but not for ever.

        Runs of theirs that had no end get ``status`` and ``reason``.
        """
        deadline = time.monotonic() + patience
        while any(run.silent for run in recover(self.journals, status=status, reason=reason)):
            if time.monotonic() > deadline:
                return
            time.sleep(1)

    def gather(self, *, status: str = "FAILED", reason: str = LOST_WORKER) -> None:
        """When no child is being trained any more: ends those that still count as running."""
        self.deliver(status=status, reason=reason, patience=_PATIENCE)
        end_lost_children(self.store, self.run_id, status=status, reason=reason)

    def rank(self, children: Sequence[RunSummary]) -> list[Row]:
        """Their leaderboard, which is logged, too."""
        rows = rank(children)
        if rows:
            self.tracker.log_table("leaderboard.json", columns(rows))
        return rows

    def crown(self, children: Sequence[RunSummary]) -> None:
        """The best of them on each data set becomes its champion, if it beats the present one."""
        crown(self.store, children)
