"""Which runs of a sweep count, where a job was begun more than once."""

from datetime import UTC, datetime, timedelta

import pytest

from experiments.runs.attempts import one_per_combination
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
OWN = {"mlflow.parentRunId": "sweep"}


def counted(runs: list[RunSummary], *digests: str) -> list[str]:
    return [run.name for run in one_per_combination(runs, "sweep", digests)]


@pytest.mark.parametrize("ended", ["FAILED", "KILLED"])
@pytest.mark.parametrize("again", ["RUNNING", "FINISHED", "FAILED", "KILLED"])
def test_a_job_that_was_started_again_counts_once(ended: str, again: str) -> None:
    runs = [run("second", again, 2), run("other", "FINISHED", 1, "b"), run("first", ended, 0)]
    assert counted(runs, "a", "b") == ["second", "other"]


def test_a_shared_finished_run_replaces_a_later_failed_one() -> None:
    runs = [run("own", "FAILED", 2, **OWN), run("shared", "FINISHED", 1)]
    assert counted(runs, "a") == ["shared"]


@pytest.mark.parametrize("result", [{}, DIVERGED])
def test_of_two_results_that_of_the_sweep_itself_counts(result: dict[str, str]) -> None:
    status = "FAILED" if result else "FINISHED"
    runs = [run("shared", status, 2, **result), run("own", status, 1, **OWN, **result)]
    assert counted(runs, "a") == ["own"]


def test_the_last_of_several_attempts_counts() -> None:
    runs = [run(str(minute), "FAILED", minute) for minute in (3, 2, 1, 0)]
    assert counted(runs, "a") == ["3"]


@pytest.mark.parametrize("other", ["FAILED", "FINISHED"])
def test_jobs_with_equal_configs_all_count(other: str) -> None:
    """As where only the place of the artifacts is swept."""
    assert counted([run("1", other, 1), run("0", "FAILED", 0)], "a", "a") == ["1", "0"]
