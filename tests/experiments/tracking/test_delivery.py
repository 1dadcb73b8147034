"""Artifacts on their way into a store: files and folders, new and replaced, from disk to disk."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from harness import checkpoint, place, store
from mlflow import MlflowClient

from experiments.errors import RunStoreError
from experiments.runs.summary import RunSummary
from experiments.tracking import Tracker, recover
from experiments.tracking.journal import Journal
from nnscratch import Dataset, mlp, save_checkpoint


@pytest.fixture(params=["the disk of the journal", "another disk"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where the runs keep their files; /dev/shm is held in memory."""
    if request.param == "another disk":
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            yield Path(folder, "artifacts")
    else:
        yield tmp_path / "artifacts"


def tracker(folder: Path, artifacts: Path, resumed: RunSummary | None = None) -> Tracker:
    where = place(folder, artifacts)
    return Tracker(where, name="a run", kind="run", parameters={}, tags={}, resumed=resumed)


def log(run: Tracker, names: str) -> None:
    """Each is a file in a folder of its own, deep in the artifact ``model``."""

    def fill(folder: Path) -> None:
        for name in names:
            (folder / "deep" / name).mkdir(parents=True)
            (folder / "deep" / name / "file").write_text(names)

    run.write_text("checkpoints/last", names)
    run.write_artifact("model", fill)


def texts(folder: Path) -> dict[str, str]:
    """Of all files in it, hidden ones included."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_text() for file in files}


def test_a_resumed_run_replaces_whole_files_and_folders(tmp_path: Path, artifacts: Path) -> None:
    run = tracker(tmp_path, artifacts)
    log(run, "ab")
    run.end("KILLED")
    [stopped] = store(tmp_path).runs()
    files = artifacts / stopped.run_id / "artifacts"
    assert texts(files) == {
        "checkpoints/last": "ab",
        "model/deep/a/file": "ab",
        "model/deep/b/file": "ab",
    }
    with tracker(tmp_path, artifacts, resumed=stopped) as run:
        log(run, "bc")
    assert texts(files) == {
        "checkpoints/last": "bc",
        "model/deep/b/file": "bc",
        "model/deep/c/file": "bc",
    }
    assert list((tmp_path / "mljournal").iterdir()) == []


def test_an_undeliverable_journal_holds_back_neither_its_run_nor_another(tmp_path: Path) -> None:
    """One run's artifacts lie where this machine can't write, those of the next run do not."""
    client, where = MlflowClient(store(tmp_path).uri), place(tmp_path)
    journals = {}
    for artifacts in ("mlflow-artifacts:/away", "ftp://127.0.0.1:1/away", str(tmp_path / "here")):
        experiment = client.create_experiment(artifacts, artifact_location=artifacts)
        journal = Journal(where.journals)
        create = {"op": "create", "uri": store(tmp_path).uri, "experiment": artifacts}
        begin = {"artifacts": artifacts, "name": artifacts, "time": 1, "parameters": {}, "tags": {}}
        journal.append(
            {**create, **begin},
            journal.stage("note.txt", lambda file: file.write_text("a note")),
            {"op": "metrics", "time": 2, "step": 1, "values": {"val_loss": 0.5}},
            {"op": "end", "status": "FINISHED", "time": 3},
        )
        journal.close()
        journals[experiment] = artifacts
    found = {run.name: run for run in recover(where.journals)}
    assert {name: run.kept for name, run in found.items()} == {
        "mlflow-artifacts:/away": 1,
        "ftp://127.0.0.1:1/away": 1,
        str(tmp_path / "here"): 0,
    }
    assert [run.silent for run in found.values() if run.kept] in ([True, False], [False, True])
    for run in client.search_runs(list(journals)):
        assert run.info.status == "FINISHED"
        assert run.data.metrics == {"val_loss": 0.5}
    assert [file.read_text() for file in (tmp_path / "here").rglob("note.txt")] == ["a note"]


@pytest.fixture
def stopped(tmp_path: Path) -> RunSummary:
    """A run that can be resumed."""
    with tracker(tmp_path, tmp_path / "artifacts") as run:
        log(run, "a")
    [found] = store(tmp_path).runs()
    return found


def claim(folder: Path, address: str) -> RunSummary:
    """Lets the store say that the only run has its artifacts at ``address``."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database, database:
        database.execute("UPDATE runs SET artifact_uri = ?", (address,))
    [run] = store(folder).runs()
    return run


@pytest.mark.parametrize("address", ["{}", "file://{}", "file://elsewhere{}", "file://localhost{}"])
def test_a_store_leads_nobody_to_another_folder(
    tmp_path: Path, stopped: RunSummary, address: str
) -> None:
    outside = tmp_path / "outside"
    save_checkpoint(mlp([2, 2]), outside / "checkpoints" / "best.npz")
    before = sorted(outside.rglob("*"))
    run = claim(tmp_path, address.format(outside))
    with pytest.raises(RunStoreError, match=r"another machine|not the folder"):
        tracker(tmp_path, tmp_path / "artifacts", resumed=run)
    with pytest.raises(RunStoreError, match=r"another machine|not the folder"):
        checkpoint(store(tmp_path), run.run_id)
    assert sorted(outside.rglob("*")) == before


def test_no_artifacts_are_in_a_folder_that_is_a_link(tmp_path: Path, stopped: RunSummary) -> None:
    folder = tmp_path / "artifacts" / stopped.run_id / "artifacts"
    folder.symlink_to(folder.rename(tmp_path / "outside"))
    with pytest.raises(RunStoreError, match="not the folder"):
        tracker(tmp_path, tmp_path / "artifacts", resumed=stopped)


@pytest.mark.parametrize("linked", ["model", "checkpoints", "checkpoints/last"])
def test_nothing_is_written_through_a_link(
    tmp_path: Path, stopped: RunSummary, linked: str, caplog: pytest.LogCaptureFixture
) -> None:
    link, outside = tmp_path / "artifacts" / stopped.run_id / "artifacts" / linked, tmp_path / "out"
    outside.mkdir()
    link.symlink_to(link.rename(outside / link.name))
    before = texts(outside)
    with tracker(tmp_path, tmp_path / "artifacts", resumed=stopped) as run:
        log(run, "b")
    assert texts(outside) == before
    assert "leads out" in caplog.text
    assert "python -m experiments.deliver" in caplog.text


def test_a_run_in_a_relative_folder_is_resumed(
    tmp_path: Path, stopped: RunSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Early versions of MLflow stored such addresses."""
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("mlflow.db")) as database, database:
        database.execute("UPDATE experiments SET artifact_location = 'artifacts'")
    run = claim(tmp_path, f"artifacts/{stopped.run_id}/artifacts")
    with tracker(tmp_path, tmp_path / "artifacts", resumed=run) as again:
        log(again, "b")
    assert texts(tmp_path / "artifacts")[f"{run.run_id}/artifacts/checkpoints/last"] == "b"


def test_artifacts_have_the_permissions_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with tracker(tmp_path, tmp_path / "artifacts") as run:
            network = mlp([2, 2])
            run.write_artifact("best.npz", lambda file: save_checkpoint(network, file), "last.npz")
            run.log_model(network, Dataset(np.zeros((2, 2), np.float32), np.zeros(2, np.int64)))
    finally:
        os.umask(before)
    files = list((tmp_path / "artifacts").rglob("*"))
    assert len(files) > 30
    assert [file for file in files if file.stat().st_mode & 0o077] == []
