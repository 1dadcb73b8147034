"""``resume=true``: which runs need no training, and where a stopped run continues."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from experiments.errors import JournalInUse, RunInUse
from experiments.runs.summary import RunSummary
from experiments.runs.tags import ERROR
from experiments.runtime.commands import python_command
from experiments.runtime.locks import Lock
from experiments.tracking import Place, RunStore, share
from experiments.tracking.connection import lock_file
from experiments.tracking.database.address import naming, resolve_uri
from experiments.tracking.journal import is_held, is_key
from experiments.tracking.recovery import recover_one
from experiments.training.progress import KeptState
from experiments.training.report import RunReport
from nnscratch import DivergenceError

_PATIENCE = 60.0  # seconds that a command waits for an equal one
_PAUSE = 0.5

Begun = TypeVar("Begun")


@dataclass(frozen=True, eq=False)
class Earlier:
    """An earlier run of the same config on the same data."""

    run: RunSummary
    over: bool = False  # and its artifacts are complete
    kept: KeptState | None = None  # None: it is over, or begins again
    logged: Mapping[str, int] = field(default_factory=dict)  # the latest step of each metric


def one_at_a_time(
    begin: Callable[[], Begun], where: Place, *identity: str, tell: Callable[[str], None]
) -> Begun:
    """What ``begin`` returns, which looks for an earlier run and resumes it or begins a new one.

    Only one process at a time begins a run of this ``identity``; so the next one finds the run of
    the one before. While that run is in use, ``begin`` is called again, for at most a minute; then
    its ``RunInUse`` or ``JournalInUse`` is raised. ``tell`` gets a line that says so.
    """
    lock = Lock(lock_file(resolve_uri(where.uri), *identity))
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        if not lock.take(deadline - time.monotonic()):
            raise RunInUse(
                f"process {lock.holder} holds {lock.file} and begins the same run: wait for it, or "
                f"end it (`kill {lock.holder}`)"
            )
        try:
            return begin()
        except (JournalInUse, RunInUse):
            if time.monotonic() > deadline:
                raise
        finally:
            lock.release()
        if not told:
            tell(f"the same run is in use: waiting up to {_PATIENCE:.0f} seconds for its end")
            told = True
        time.sleep(_PAUSE)


def earlier_run(
    where: Place, identity: Mapping[str, str], parent_run_id: str | None
) -> Earlier | None:
    """The run with the tags of ``identity`` to take over or resume; None if there is none.

    A finished run comes first, then one of the sweep ``parent_run_id`` itself, then the latest.
    What this machine still keeps of it is delivered before anything is read from the store.
    Raises ``RunInUse`` if it is still being trained, ``JournalInUse`` if it is being delivered.
    """

    def order(run: RunSummary) -> tuple[bool, bool]:
        return run.status != "FINISHED", run.parent != parent_run_id

    def found() -> RunSummary | None:
        return latest(sorted(store.same_runs(identity), key=order), where)

    store = RunStore(where.uri, new=True)
    run = found()
    if run is None:
        return None
    if run.is_local and is_key(run.journal) and recover_one(where.journals, run.journal):
        run = found() or run
    if run.over:
        # The disk of another machine can't be seen from here.
        complete = run.diverged or not run.is_local or store.is_complete(run)
        logged = {} if complete else store.logged_steps(run.run_id)
        return Earlier(run, over=complete, logged=logged)
    kept = KeptState.of(store, run.run_id)
    return Earlier(run, kept=kept, logged=store.logged_steps(run.run_id))


def latest(runs: Sequence[RunSummary], where: Place) -> RunSummary | None:
    """The first of ``runs``, which come newest first, to be resumed; None if there is none.

    Raises ``RunInUse`` if a process is still working on it.
    """
    for run in runs:
        held = is_held(where.journals, run.journal)
        if run.status == "RUNNING" and not (run.is_local and not held):
            delete = ("runs", "delete", "--run-id", run.run_id)
            command = python_command("mlflow", *delete, **naming(resolve_uri(where.uri)))
            raise RunInUse(
                f"run {run.run_id} is being trained on {run.host}: wait for it, or if that machine "
                f"is gone, delete the run (`{command}`)"
            )
        return run
    return None


def take_over(run: RunSummary, where: Place, report: RunReport, parent_run_id: str | None) -> float:
    """Counts a run that is over for this sweep too; returns its validation accuracy.

    Raises ``DivergenceError`` again if it diverged.
    """
    if parent_run_id is not None and run.parent != parent_run_id:
        share(where.uri, run.run_id, parent_run_id)
    if run.diverged:
        reason = run.tags[ERROR].removeprefix("DivergenceError: ")
        raise DivergenceError(f"run {run.run_id[:8]} {reason}; it would diverge again")
    report.over(run.run_id)
    return run.val_accuracy
