"""Ranking groups of seeds."""

from datetime import UTC, datetime, timedelta

import pytest

from experiments.runs.ranking import columns, rank, swept_factors
from experiments.runs.summary import RunSummary

START = datetime(2026, 1, 1, tzinfo=UTC)


def run(
    number: int, accuracy: float | None, *, fate: str = "finished", **params: object
) -> RunSummary:
    """Run ``number`` with parameters as they are logged (``model__init="zeros"``)."""
    diverged = fate == "diverged"
    return RunSummary(
        run_id=f"{number:032x}",
        name=str(number),
        status="FAILED" if diverged else fate.upper(),
        started=START + timedelta(minutes=number),
        seconds=None,
        experiment="test",
        params={key.replace("__", "."): str(value) for key, value in params.items()},
        metrics={}
        if accuracy is None
        else {"best_val_accuracy": accuracy, "training_seconds": float(number)},
        tags={"nnscratch.diverged": "true"} if diverged else {},
        artifact_uri="",
    )


def test_seeds_are_one_group_with_mean_and_sample_deviation() -> None:
    zeros = [run(n, 0.1, seed=n, model__init="zeros") for n in range(3)]
    he = [
        run(10 + n, accuracy, seed=n, model__init="he") for n, accuracy in enumerate((0.8, 0.9, 1))
    ]
    first, second = rank([*zeros, *he])
    assert (first.factors, first.seeds, first.finished) == ({"model.init": "he"}, 3, 3)
    assert first.val_accuracy == pytest.approx(0.9)
    assert first.val_deviation == pytest.approx(0.1)  # divided by n − 1, not by n
    assert first.seconds == pytest.approx(11)
    assert first.run_id == he[2].run_id, "the best of the group is the one to open"
    assert second.val_deviation == 0
    assert (first.rank, second.rank) == (1, 2)


def test_one_seed_has_no_deviation() -> None:
    [row] = rank([run(1, 0.5, seed=0)])
    assert (row.val_accuracy, row.val_deviation, row.seeds) == (0.5, None, 1)
    assert row.test_accuracy is None


def test_only_finished_seeds_count_and_the_others_are_named() -> None:
    lucky = [run(1, 0.9, seed=0, k=1), run(2, 0.2, fate="diverged", seed=1, k=1)]
    sound = [run(3, 0.8, seed=0, k=2), run(4, 0.8, seed=1, k=2)]
    first, second = rank([*lucky, *sound])
    assert (first.val_accuracy, first.finished, first.seeds) == (0.9, 1, 2)
    assert first.unfinished == "1 diverged"
    assert (second.unfinished, second.finished) == ("", 2)


def test_groups_without_a_finished_seed_come_last() -> None:
    stopped = [run(1, 0.99, fate="killed", seed=0, k=1), run(2, None, fate="failed", seed=1, k=1)]
    blown = [run(3 + n, None, fate="diverged", seed=n, k=3) for n in (0, 1)]
    poor = [run(5, 0.1, seed=0, k=2)]
    rows = rank([*blown, *stopped, *poor])
    assert [row.factors["k"] for row in rows] == ["2", "1", "3"]
    assert rows[1].val_accuracy == 0.99, "how far it had come is still told"
    assert rows[1].unfinished == "1 failed, 1 killed"
    assert (rows[2].val_accuracy, rows[2].unfinished) == (None, "2 diverged")


def test_a_repeated_seed_counts_once() -> None:
    """The newest that finished: an older one may come from older code."""
    runs = [
        run(1, 0.5, seed=0),
        run(2, 0.7, seed=0),
        run(3, None, fate="killed", seed=0),
        run(4, 0.9, seed=1),
    ]
    [row] = rank(runs)
    assert (row.seeds, row.finished) == (2, 2)
    assert row.val_accuracy == pytest.approx(0.8)


def test_the_keys_of_a_group_are_no_factors() -> None:
    adam = run(1, 0.5, optimizer__name="adam", optimizer__beta1=0.9, optimizer__learning_rate=1)
    sgd = run(2, 0.5, optimizer__name="sgd", optimizer__momentum=0.0, optimizer__learning_rate=1)
    assert swept_factors([adam, sgd]) == ["optimizer.name"]


def test_the_rows_become_columns_of_a_table() -> None:
    table = columns(rank([run(1, 0.5, seed=0, k=1), run(2, 0.6, fate="failed", seed=0, k=2)]))
    assert list(table)[:3] == ["rank", "k", "val_accuracy"]
    assert (table["unfinished"], table["finished"]) == (["", "1 failed"], [1, 0])
