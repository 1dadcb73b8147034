"""The leaderboard: groups of seeds, their ranking, filters and formats."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import command, store, train
from PIL import Image

from experiments.errors import FilterError
from experiments.runs.filters import parse
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


def test_a_group_of_which_no_seed_finished_stands_below_all_others() -> None:
    stopped = [run(1, 0.99, fate="killed", seed=0, k=1), run(2, None, fate="failed", seed=1, k=1)]
    blown = [run(3 + n, None, fate="diverged", seed=n, k=3) for n in (0, 1)]
    poor = [run(5, 0.1, seed=0, k=2)]
    rows = rank([*blown, *stopped, *poor])
    assert [row.factors["k"] for row in rows] == ["2", "1", "3"]
    assert rows[1].val_accuracy == 0.99, "how far it had come is still told"
    assert rows[1].unfinished == "1 failed, 1 killed"
    assert (rows[2].val_accuracy, rows[2].unfinished) == (None, "2 diverged")


def test_a_seed_that_was_run_again_counts_once() -> None:
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


def test_what_a_name_explains_is_no_factor() -> None:
    adam = run(1, 0.5, optimizer__name="adam", optimizer__beta1=0.9, optimizer__learning_rate=1)
    sgd = run(2, 0.5, optimizer__name="sgd", optimizer__momentum=0.0, optimizer__learning_rate=1)
    assert swept_factors([adam, sgd]) == ["optimizer.name"]


def test_columns_are_those_of_a_table() -> None:
    table = columns(rank([run(1, 0.5, seed=0, k=1), run(2, 0.6, fate="failed", seed=0, k=2)]))
    assert list(table)[:3] == ["rank", "k", "val_accuracy"]
    assert (table["unfinished"], table["finished"]) == (["", "1 failed"], [1, 0])


LOGGED = {
    "model.hidden": "[128, 64]",
    "model.batch_norm": "False",
    "optimizer.name": "adam",
    "optimizer.learning_rate": "0.001",
    "max_gradient_norm": "None",
    "model.init": "normal:0.5",
}


@pytest.mark.parametrize(
    "condition",
    [
        "optimizer=adam",
        "optimizer.name=adam",
        "optimizer.learning_rate=1e-3",
        "optimizer.learning_rate=.001",
        "model.hidden=[128,64]",
        "model.batch_norm=false",
        "max_gradient_norm=null",
        "model.init=normal:0.5",
    ],
)
def test_a_condition_is_met_as_one_types_it(condition: str) -> None:
    wanted = run(1, 0.5, **{key.replace(".", "__"): value for key, value in LOGGED.items()})
    other = run(2, 0.5, **{key.replace(".", "__"): "7" for key in LOGGED})
    assert parse(condition).choose([other, wanted]) == [wanted]


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("model.hiden=[8]", "did you mean model.hidden"),
        ("optimiser=adam", "did you mean optimizer"),
        ("colour=red", "allowed: max_gradient_norm, model.batch_norm"),
        ("optimizer=sgd", "no run has this value; allowed: adam"),
        ("adam", "expected key=value"),
        ("=adam", "expected key=value"),
    ],
)
def test_a_wrong_condition_is_one_line(condition: str, answer: str) -> None:
    wanted = run(1, 0.5, **{key.replace(".", "__"): value for key, value in LOGGED.items()})
    with pytest.raises(FilterError) as caught:
        parse(condition).choose([wanted])
    assert str(caught.value).startswith(condition)
    assert answer in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick ready sweep, smaller still: two learning rates, two optimizers, two seeds."""
    folder = tmp_path_factory.mktemp("swept")
    done = train(
        folder,
        *("-m", "sweep=quick/optimizers", "data=digits", "data.train_size=100", "epochs=2"),
        *("optimizer=sgd,adam", "optimizer.learning_rate=1e-3,0.01,1e30", "launcher=serial"),
        "model.hidden=[8]",
    )
    assert done.returncode == 1, done.stderr  # nothing survives a rate of 1e30 with SGD
    assert "Traceback" not in done.stderr
    return folder


def rows(folder: Path, *arguments: str) -> list[dict]:
    done = command(folder, "experiments.leaderboard", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_ready_sweep_starts_with_one_word_and_m_does_no_harm(swept: Path) -> None:
    [parent] = store(swept).sweeps()
    assert parent.name == "quick/optimizers"
    runs = store(swept).children(parent.run_id)
    assert len(runs) == 2 * 3 * 2
    assert {run.params["data.train_size"] for run in runs} == {"100"}


def test_the_leaderboard_of_a_real_sweep(swept: Path) -> None:
    board = rows(swept)
    assert len(board) == 6
    assert list(board[0]["factors"]) == ["optimizer.learning_rate", "optimizer.name"]
    finished = [row for row in board if row["finished"]]
    accuracies = [row["val_accuracy"] for row in finished]
    assert accuracies == sorted(accuracies, reverse=True)
    assert board[: len(finished)] == finished
    assert all(row["seeds"] == 2 for row in board)
    [sgd] = rows(swept, "--where", "optimizer=sgd", "--where", "learning_rate=1e30")
    assert (sgd["finished"], list(sgd["runs"].values())) == (0, ["diverged", "diverged"])


def test_the_table_shows_means_deviations_and_what_went_wrong(swept: Path) -> None:
    done = command(swept, "experiments.leaderboard", "--where", "optimizer=sgd")
    assert "±" in done.stdout
    assert "0/2, 2 diverged" in done.stdout
    assert "sgd" not in done.stdout.partition("#")[2], "what is the same in all rows is no column"


def test_csv_holds_what_the_artifact_of_the_sweep_holds(swept: Path) -> None:
    done = command(swept, "experiments.leaderboard", "--format", "csv")
    table = list(csv.reader(io.StringIO(done.stdout)))
    [parent] = store(swept).sweeps()
    artifact = swept / "mlartifacts" / parent.run_id / "artifacts" / "leaderboard.json"
    logged = json.loads(artifact.read_text())
    assert table[0] == logged["columns"]
    assert [row[-1] for row in table[1:]] == [row[-1] for row in logged["data"]]


def test_an_unknown_key_ends_with_status_2(swept: Path) -> None:
    done = command(swept, "experiments.leaderboard", "--where", "model.actvation=relu")
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.strip().splitlines()
    assert "did you mean model.activation" in line


def test_the_parent_carries_its_pictures(swept: Path) -> None:
    [parent] = store(swept).sweeps()
    folder = swept / "mlartifacts" / parent.run_id / "artifacts" / "plots"
    names = {file.stem for file in folder.iterdir()}
    assert names == {"sweep_curves", "heat_map", "learning_rates", "accuracy_and_time"}
    for file in folder.iterdir():
        with Image.open(file) as picture:
            assert min(picture.size) > 200
            assert len(set(picture.convert("L").tobytes())) > 20, "not an empty page"
