"""``experiments.reproduce``: it trains all systems and writes the page from their runs."""

import statistics
from pathlib import Path

import pytest
from harness import command, store

from experiments.reproduce import SYSTEMS, Result, System

TINY = ("data=digits", "data.train_size=100", "epochs=1", "batch_size=32")


def test_the_page_shows_the_results_of_the_runs(tmp_path: Path) -> None:
    done = command(tmp_path, "experiments.reproduce", "--seeds", "2", *TINY)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "docs" / "reproduction.md").read_text(encoding="utf-8").splitlines()
    runs = store(tmp_path).runs()
    assert len(runs) == 2 * len(SYSTEMS)
    for system in SYSTEMS:
        [line] = [line for line in lines if line.startswith(f"| `{system.preset}` |")]
        mine = [run for run in runs if f"[{run.run_id[:8]}](" in line]
        assert all(f"/runs/{run.run_id})" in line for run in mine)
        assert sorted(run.params["seed"] for run in mine) == ["0", "1"]
        assert len({run.params["mistake"] for run in mine}) == 1
        assert ("as_published" in system.preset) == (mine[0].params["mistake"] != "None")
        accuracies = [run.metrics["test_accuracy"] for run in mine]
        mean, deviation = statistics.mean(accuracies), statistics.stdev(accuracies)
        assert f"| {mean:.2%} ± {deviation:.2%} |" in line
        assert any(line.startswith(f"- `{system.preset}`: ") for line in lines)


def test_a_training_that_fails_writes_no_page(tmp_path: Path) -> None:
    done = command(tmp_path, "experiments.reproduce", "optimizer.learning_rate=-1")
    assert done.returncode == 2
    assert "optimizer.learning_rate=-1" in done.stderr
    assert not (tmp_path / "docs").exists()


@pytest.mark.parametrize(
    ("claimed", "accuracies", "quick", "said"),
    [
        (None, [0.9], False, "`s`: no accuracy was claimed."),
        (0.97, [0.974], False, "`s`: as claimed, within half a point"),
        (0.97, [0.96, 0.94, 0.97], False, "`s`: as claimed, within half a point"),
        (0.76, [0.96, 0.962], False, "`s`: 20.1 points above the claim: because."),
        (0.97, [0.9, 0.902], False, "`s`: 6.9 points below the claim: because."),
        (0.76, [0.88, 0.882], True, "`s`: 12.1 points above the claim: because."),
        (0.97, [0.9, 0.902], True, "`s`: 6.9 points below the claim: it was trained on 5,000"),
    ],
)
def test_a_difference_larger_than_the_spread_has_a_reason(
    claimed: float | None, accuracies: list[float], quick: bool, said: str
) -> None:
    result = Result(
        System("s", claimed, "because"), accuracies, seconds=1.0, runs={"a": "http://b"}
    )
    assert result.difference(quick=quick).startswith(said)
