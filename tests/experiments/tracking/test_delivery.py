"""Artifacts on their way into a store: files and folders, new and replaced, from disk to disk."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import place, store
from mlflow import MlflowClient

from experiments.runs.summary import RunSummary
from experiments.tracking import Tracker, recover
from experiments.tracking.journal import Journal


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
