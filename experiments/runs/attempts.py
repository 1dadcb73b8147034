"""Which runs of a sweep count, if a job was started more than once."""

from collections.abc import Sequence

from experiments.runs.summary import RunSummary
from experiments.runs.tags import CONFIG_DIGEST


def latest_attempts(runs: Sequence[RunSummary], jobs: int) -> list[RunSummary]:
    """``runs`` without earlier attempts, as long as there are more runs than ``jobs``.

    If the process of a job dies, Ray starts the job again, as a new run. A resumed sweep may
    count a run of another sweep instead of its own, failed one.
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
