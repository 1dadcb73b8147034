"""What dead processes left behind: their journals are delivered, their runs ended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.errors import RunStoreError, StoreSilent
from experiments.runs.tags import ERROR
from experiments.tracking.connection import open_store
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Journal, left_behind
from experiments.tracking.run_store import RunStore

LOST = "its process ended without a word: killed, or out of memory"


@dataclass(frozen=True)
class Recovered:
    """One journal that was found; ``kept`` entries of it the store still lacks."""

    run_id: str | None
    name: str
    lost: bool  # its run had no end
    kept: int
    error: Exception | None

    @property
    def silent(self) -> bool:
        """Whether it is worth trying again soon."""
        return isinstance(self.error, StoreSilent)


def recover(root: Path, *, status: str = "KILLED", reason: str = LOST) -> Iterator[Recovered]:
    """Delivers every journal below ``root`` whose process is gone, as it is iterated over.

    A run that had no end gets ``status`` and ``reason``.
    """
    for journal in left_behind(root):
        yield _recover(journal, status, reason)


def _recover(journal: Journal, status: str, reason: str) -> Recovered:
    lost = not journal.ended
    if lost:
        end = {"op": "end", "status": status, "time": int(time.time() * 1000)}
        journal.append({"op": "tags", "values": {ERROR: reason}}, end)
    error: Exception | None = None
    delivery = Delivery(journal)
    try:
        delivery.deliver()
    except RunStoreError as silent_or_refused:
        error = silent_or_refused
    return Recovered(
        run_id=journal.run_id,
        name=journal.name,
        lost=lost,
        kept=len(journal.pending()),
        error=error or delivery.complaint,
    )


def end_lost_children(store: RunStore, sweep_id: str, *, status: str, reason: str) -> None:
    """Ends what still counts as running below a sweep whose jobs are all over.

    ``recover`` comes first; what it can't see are the journals of other machines.
    """
    client = open_store(store.uri)
    for run in store.children(sweep_id):
        if run.status == "RUNNING":
            client.set_tag(run.run_id, ERROR, reason)
            client.set_terminated(run.run_id, status)
