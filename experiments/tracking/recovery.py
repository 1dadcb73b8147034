"""After the death of a process: its journals are delivered, its runs ended."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.errors import JournalDamaged, JournalInUse, RunStoreError, StoreSilent
from experiments.runs.tags import ERROR
from experiments.tracking.connection import open_store
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Journal, left_behind
from experiments.tracking.run_store import RunStore

_LOST = "its process died: killed, or out of memory"


@dataclass(frozen=True)
class Recovered:
    """A journal that was found; the store still lacks ``kept`` of its entries.

    It is None, and the name is the key, if the journal can't be read.
    """

    run_id: str | None
    name: str
    lost: bool  # whether its run had no end
    kept: int | None
    error: Exception | None

    @property
    def left(self) -> str | None:
        """What is still to be delivered, on one line; None if that is nothing."""
        if self.kept is None:
            return f"journal {self.name} is left as it is: {self.error}"
        left = f"{self.name}: {self.kept} entries are still kept: {self.error}"
        return left if self.kept else None

    @property
    def silent(self) -> bool:
        """Whether another attempt may help soon."""
        return isinstance(self.error, StoreSilent)


def recover(root: Path, *, status: str = "KILLED", reason: str = _LOST) -> Iterator[Recovered]:
    """Delivers the journals of dead processes below ``root``, one per step of the iteration.

    A run without an end gets ``status`` and ``reason``. A journal that can't be read or delivered
    does not keep the others back.
    """
    for key in left_behind(root):
        try:
            journal = Journal(root, key, must_exist=True)
        except (JournalInUse, FileNotFoundError):
            continue  # its process is alive, or has just removed it
        except (JournalDamaged, OSError) as error:
            yield Recovered(None, key, lost=False, kept=None, error=error)
            continue
        with journal:
            if journal.begun:
                yield _recover(journal, status, reason)


def clear_up(journals: Path, tell: Callable[[str], None]) -> None:
    """Delivers the journals of dead processes, and says what became of their runs."""
    for found in recover(journals):
        if found.left:
            tell(found.left)
        elif found.lost:
            tell(
                f"{found.name}: run {found.run_id} is KILLED now: {_LOST}; resume=true continues it"
            )


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
    """Ends the runs of a sweep that still count as running, although its jobs are over.

    Call ``recover`` first. It does not see the journals of other machines; this does.
    """
    client = open_store(store.uri)
    for run in store.children(sweep_id):
        if run.status == "RUNNING":
            client.set_tag(run.run_id, ERROR, reason)
            client.set_terminated(run.run_id, status)
