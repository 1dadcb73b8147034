"""``resume=true``: which runs need not be trained again, and where a stopped one goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import RunInUse
from experiments.tracking.journal import is_held
from nnscratch import (
    CheckpointError,
    Epoch,
    Network,
    TrainingState,
    load_checkpoint,
    load_training_state,
    training_state_metadata,
)

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a stopped run had come: after its latest epoch, and with its best weights."""

    state: TrainingState
    history: list[Epoch]
    digests: list[str]  # of the weights after each epoch
    best: Network


@dataclass(frozen=True, eq=False)
class Earlier:
    """An earlier run of the same config on the same data."""

    run: RunSummary
    progress: Progress | None = None  # None: it is over, or stopped before an epoch was safe
    logged: Mapping[str, int] = field(default_factory=dict)  # the latest step of each metric

    @property
    def over(self) -> bool:
        """Whether training it again would change nothing."""
        return self.run.over


def earlier_run(
    store: RunStore, config_digest: str, data: Mapping[str, str], *, journals: Path
) -> Earlier | None:
    """The run to go on with: a finished one if there is any, else the latest.

    ``data``: the tags with the digests of what it learns from and reads.
    Raises ``RunInUse`` if it is still being trained.
    """
    runs = store.same_runs(config_digest, data)
    for run in sorted(runs, key=lambda run: run.status != "FINISHED"):
        if run.status == "RUNNING":
            check_free(run, journals)
        if (earlier := Earlier(run)).over:
            return earlier
        return Earlier(run, _progress(store, run), store.logged_steps(run.run_id))
    return None


def check_free(run: RunSummary, journals: Path) -> None:
    """Raises ``RunInUse`` if a process is at a run that counts as running."""
    if run.is_local and not is_held(journals, run.journal):
        return  # its process died after the last look at the journals
    raise RunInUse(
        f"run {run.run_id} is being trained on {run.host}: wait for it, or if that machine "
        f"is gone, delete the run (`mlflow runs delete --run-id {run.run_id}`)"
    )


def _progress(store: RunStore, run: RunSummary) -> Progress | None:
    """None if nothing, or nothing readable, was kept: then training begins anew."""
    from experiments.errors import RunStoreError

    try:
        file = store.checkpoint(run.run_id, "state")
        state, metadata = load_training_state(file), training_state_metadata(file)
        best = load_checkpoint(store.checkpoint(run.run_id, "best"))
        history = [Epoch(**epoch) for epoch in metadata["history"]]
        digests = list(metadata["digests"])
    except (RunStoreError, CheckpointError, KeyError, TypeError):
        return None
    return Progress(state, history, digests, best)
