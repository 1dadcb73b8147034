"""A row that a stranger wrote, or a broken program: the other runs can still be read."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from harness import place, store

from experiments.reporting import terminal
from experiments.runs.filters import parse
from experiments.runs.ranking import rank
from experiments.tracking import Tracker
from gui.runs.library import RunLibrary
from gui.runs.table import COLUMNS, arranged


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of two runs, named good and odd."""
    folder = tmp_path_factory.mktemp("two")
    for name, accuracy in (("good", 0.5), ("odd", 0.75)):
        parameters = {"data.name": "digits", "model.init": name, "seed": 1}
        with Tracker(place(folder), name=name, kind="run", parameters=parameters, tags={}) as run:
            run.log_metrics({"best_val_accuracy": accuracy, "training_seconds": 1.5}, step=1)
    return folder


@pytest.mark.parametrize(
    "statement",
    [
        "runs SET start_time = 9223372036854775807 WHERE 1",
        "runs SET start_time = -9223372036854775807 WHERE 1",
        "runs SET start_time = NULL, end_time = NULL WHERE 1",
        "runs SET start_time = 'now', end_time = 'then' WHERE 1",
        "runs SET name = NULL WHERE 1",
        "runs SET artifact_uri = 'gs://bucket/run' WHERE 1",
        "runs SET artifact_uri = 'file://[' WHERE 1",
        "runs SET artifact_uri = '/tmp/' || char(0) WHERE 1",
        "latest_metrics SET value = 0, is_nan = 1 WHERE 1",
        "latest_metrics SET value = 1.7e308 WHERE 1",
        "latest_metrics SET value = 'high' WHERE 1",
        "params SET key = 'old' WHERE key = 'data.name'",
        "params SET key = '[/] [red]', value = '[/bold] \\' WHERE key = 'model.init'",
        "params SET key = char(27) || '[2J', value = char(8238, 10) WHERE key = 'model.init'",
        "params SET value = replace(hex(zeroblob(5000)), '0', '[') WHERE key = 'model.init'",
        "params SET value = '{[]}' WHERE key = 'model.init'",
        "params SET value = CAST(x'ff' AS TEXT) WHERE key = 'model.init'",
    ],
)
def test_an_odd_row_leaves_the_others_readable(
    two_runs: Path, tmp_path: Path, monkeypatch, capsys, statement: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(two_runs, tmp_path, dirs_exist_ok=True)  # with SQLite's write-ahead log
    [odd] = [run.run_id for run in store(two_runs).runs() if run.name == "odd"]
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database, database:
        database.execute(f"UPDATE {statement} AND run_uuid = ?", [odd])

    runs = store(tmp_path).runs()
    assert len(runs) == 2
    assert store(tmp_path).best_run() in runs
    assert [run.name for run in parse("init=good").choose(runs)] == ["good"]
    terminal.print_leaderboard(rank(runs), "all runs")
    printed = capsys.readouterr().out
    assert "50.00%" in printed
    assert len(printed.splitlines()) < 60
    library = RunLibrary()
    [*_, rows] = library.table()
    library.check()
    shown = [printed.replace("\n", ""), *(cell for row in rows for cell in row.cells)]
    assert all(text.isprintable() for text in shown)
    for column in COLUMNS:
        assert len(arranged(rows, "", column, descending=True)) == 2
