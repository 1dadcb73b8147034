"""Which runs of a sweep count, where a job was begun more than once."""

from datetime import UTC, datetime, timedelta

import pytest

from experiments.runs.attempts import latest_attempts
from experiments.runs.summary import RunSummary


def run(name: str, status: str, minute: int, config: str = "a", **tags: str) -> RunSummary:
    return RunSummary(
        run_id=name,
        name=name,
        status=status,
        started=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute),
        seconds=None,
        experiment="nnscratch",
        params={},
        metrics={},
        tags={"nnscratch.config_digest": config, **tags},
        artifact_uri="",
    )


DIVERGED = {"nnscratch.diverged": "true"}


@pytest.mark.parametrize("ended", ["FAILED", "KILLED"])
@pytest.mark.parametrize("again", ["RUNNING", "FINISHED", "FAILED", "KILLED"])
def test_a_job_that_was_started_again_counts_once(ended: str, again: str) -> None:
    runs = [run("second", again, 2), run("other", "FINISHED", 1, "b"), run("first", ended, 0)]
    assert [run.name for run in latest_attempts(runs, 2)] == ["second", "other"]


def test_a_shared_finished_run_replaces_a_later_failed_one() -> None:
    runs = [run("own", "FAILED", 2), run("shared", "FINISHED", 1)]
    assert [run.name for run in latest_attempts(runs, 1)] == ["shared"]


def test_the_last_of_several_attempts_counts() -> None:
    runs = [run(str(minute), "FAILED", minute) for minute in (3, 2, 1, 0)]
    assert [run.name for run in latest_attempts(runs, 1)] == ["3"]


@pytest.mark.parametrize(
    "runs",
    [
        [run("1", "FAILED", 1), run("0", "FAILED", 0)],
        [run("1", "FINISHED", 1), run("0", "FAILED", 0)],
    ],
)
def test_jobs_with_equal_configs_all_count(runs: list[RunSummary]) -> None:
    """As where only the place of the artifacts is swept."""
    assert latest_attempts(runs, 2) == runs


def test_a_run_with_a_result_always_counts() -> None:
    runs = [
        run("2", "FINISHED", 2),
        run("1", "FAILED", 1, **DIVERGED),
        run("0", "FINISHED", 0),
    ]
    assert latest_attempts(runs, 1) == runs
