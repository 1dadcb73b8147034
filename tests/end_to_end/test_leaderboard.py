"""The leaderboard of a sweep: formats, filters, pictures."""

import csv
import io
import json
from pathlib import Path

import pytest
from harness import command, store, train
from PIL import Image


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


def test_a_ready_sweep_starts_with_one_word_also_with_m(swept: Path) -> None:
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


def test_the_csv_equals_the_artifact_of_the_sweep(swept: Path) -> None:
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


def test_the_parent_run_has_the_pictures(swept: Path) -> None:
    [parent] = store(swept).sweeps()
    folder = swept / "mlartifacts" / parent.run_id / "artifacts" / "plots"
    names = {file.stem for file in folder.iterdir()}
    assert names == {"sweep_curves", "heat_map", "learning_rates", "accuracy_and_time"}
    for file in folder.iterdir():
        with Image.open(file) as picture:
            assert min(picture.size) > 200
            assert len(set(picture.convert("L").tobytes())) > 20, "not an empty page"
