"""After the death of a process: its journals are delivered, its runs ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from experiments.errors import JournalDamaged, JournalInUse, RunStoreError, StoreSilent, masked
from experiments.runs.summary import RunSummary
from experiments.runs.tags import ERROR
from experiments.tracking.artifact_place import local_folder
from experiments.tracking.connection import open_store
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Journal, is_key, left_behind
from experiments.tracking.reasons import answering
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
    uri: str | None = None  # the resolved address of its store

    @property
    def left(self) -> str | None:
        """What is still to be delivered, on one line; None if that is nothing."""
        if self.kept is None:
            return f"journal {self.name} is left as it is: {self.error}"
        left = f"{self.name}: {self.kept} entries are still kept: {self.error}"
        if self.error and not self.silent:
            left += "; `python -m experiments.deliver` tries again"
        return left if self.kept else None

    @property
    def silent(self) -> bool:
        """Whether another attempt may help soon."""
        return isinstance(self.error, StoreSilent)


def recover(
    root: Path, *, status: str = "KILLED", reason: str = _LOST, refused: bool = False
) -> Iterator[Recovered]:
    """Delivers the journals of dead processes below ``root``, one per step of the iteration.

    A run without an end gets ``status`` and ``reason``. A journal that can't be read or delivered
    does not keep the others back. One that its store has refused for good is tried again only if
    ``refused``.
    """
    for key in left_behind(root):
        with suppress(JournalInUse):  # its process is alive
            found = recover_one(root, key, status=status, reason=reason, refused=refused)
            if found is not None:
                yield found


def recover_one(
    root: Path, key: str, *, status: str = "KILLED", reason: str = _LOST, refused: bool = False
) -> Recovered | None:
    """The same for one journal; None if there is none. Raises ``JournalInUse``."""
    try:
        journal = Journal(root, key, must_exist=True)
    except FileNotFoundError:
        return None
    except (JournalDamaged, OSError) as error:
        return Recovered(None, key, lost=False, kept=None, error=error)
    found = None
    try:
        if journal.begun:
            found = _recover(journal, status, reason, refused)
    except OSError as error:  # no room on the disk even for a line
        found = Recovered(None, key, lost=False, kept=None, error=error)
    finally:
        journal.close(found and found.error)
    return found


def clear_up(journals: Path, tell: Callable[[str], None]) -> None:
    """Delivers the journals of dead processes, and says what became of their runs."""
    for found in recover(journals):
        if found.left:
            tell(found.left)
        elif found.lost:
            tell(
                f"{found.name}: run {found.run_id} is KILLED now: {_LOST}; resume=true continues it"
            )


def _recover(journal: Journal, status: str, reason: str, refused: bool) -> Recovered:
    lost = not journal.ended
    if lost:
        end = {"op": "end", "status": status, "time": int(time.time() * 1000)}
        journal.append({"op": "tags", "values": {ERROR: reason}}, end)
    error: Exception | None = None
    delivery = Delivery(journal)
    if journal.refusal is not None and not refused:
        error = RunStoreError(journal.refusal)
    else:
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
        uri=delivery.uri,
    )


def end_lost_children(
    store: RunStore, sweep_id: str, journals: Path, *, status: str, reason: str
) -> None:
    """Ends the runs of a sweep that still count as running, although its jobs are over.

    Call ``recover`` first. It does not see the journals of other machines; this does. A run whose
    journal is kept on this machine is left to the journal, which knows how it ended.
    """
    with answering(f"{masked(store.uri)} can't end the lost runs of sweep {sweep_id}"):
        client = open_store(store.uri)
        for run in store.children(sweep_id):
            if run.status == "RUNNING" and not _has_journal(run, journals):
                client.set_tag(run.run_id, ERROR, reason)
                client.set_terminated(run.run_id, status)


def lacks_artifacts(run: RunSummary, journals: Path) -> bool:
    """Whether the files of a finished run were removed from this machine's disks."""
    folder = local_folder(run.artifact_uri)
    if folder is None or not run.is_local or run.status != "FINISHED":
        return False
    return not (folder / "checkpoints").is_dir() and not _has_journal(run, journals)


def _has_journal(run: RunSummary, journals: Path) -> bool:
    """Whether this machine keeps entries of the run that its store lacks."""
    return run.is_local and is_key(run.journal) and (journals / run.journal).exists()
