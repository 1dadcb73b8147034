"""Which runs of a sweep count, where a job of it was begun more than once."""

from collections.abc import Sequence

from experiments.runs.summary import RunSummary
from experiments.runs.tags import CONFIG_DIGEST


def latest_attempts(runs: Sequence[RunSummary], jobs: int) -> list[RunSummary]:
    """``runs`` without early attempts, as long as there are more of them than ``jobs``.

    Ray begins a job again whose process has died, as a new run; and a sweep that goes on may
    count a run that was made outside of it, instead of its own that had failed.
    """
    counted = list(runs)
    for run in sorted(runs, key=lambda run: run.started):
        if len(counted) > jobs and any(_replaces(other, run) for other in counted):
            counted.remove(run)
    return counted


def _replaces(other: RunSummary, run: RunSummary) -> bool:
    if run.over or run.status == "RUNNING" or other is run:
        return False
    same = other.tags.get(CONFIG_DIGEST) == run.tags.get(CONFIG_DIGEST)
    return same and (other.over or other.status == "RUNNING" or other.started > run.started)
