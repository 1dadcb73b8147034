"""New stores are copies of an empty one: as good as those that MLflow makes itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from experiments.tracking.connection import open_store

Tables = list[tuple[str, str, str]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user_cache"))
    return tmp_path / "user_cache" / "nnscratch"


def test_a_copy_has_the_tables_that_mlflow_makes_and_a_default_experiment_of_its_own(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_folder(tmp_path / "first"))
    made = _open(tmp_path / "first" / "mlflow.db")
    [kept] = cache.iterdir()
    before = kept.read_bytes()

    monkeypatch.chdir(_folder(tmp_path / "second"))
    copied = _open(tmp_path / "second" / "mlflow.db")

    assert kept.read_bytes() == before  # nothing that happens in a store reaches it
    assert _tables(tmp_path / "second" / "mlflow.db") == _tables(tmp_path / "first" / "mlflow.db")
    for client, name in ((made, "first"), (copied, "second")):
        assert client.get_experiment("0").artifact_location == str(tmp_path / name / "mlruns" / "0")
        assert _logs(client)


def test_runs_of_the_first_store_are_not_in_the_next(cache: Path, tmp_path: Path) -> None:
    _logs(_open(_folder(tmp_path / "first") / "mlflow.db"))
    next_one = _open(_folder(tmp_path / "second") / "mlflow.db")
    assert [e.name for e in next_one.search_experiments()] == ["Default"]


@pytest.mark.parametrize("harm", ["cut off", "overwritten", "no database", "empty"])
def test_a_damaged_copy_is_made_again(cache: Path, tmp_path: Path, harm: str) -> None:
    _open(_folder(tmp_path / "first") / "mlflow.db")
    [kept] = cache.iterdir()
    sound = kept.read_bytes()
    half = len(sound) // 2
    kept.write_bytes(
        {
            "cut off": sound[:half],
            "overwritten": sound[:half] + bytes(half),
            "no database": b"not a database",
            "empty": b"",
        }[harm]
    )

    assert _logs(_open(_folder(tmp_path / "second") / "mlflow.db"))

    assert _logs(_open(_folder(tmp_path / "third") / "mlflow.db"))
    assert len(kept.read_bytes()) == len(sound)


def test_a_cache_that_cannot_be_written_is_done_without(cache: Path, tmp_path: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert _logs(_open(_folder(tmp_path / "first") / "mlflow.db"))


def test_an_empty_file_that_is_there_already_becomes_a_store(cache: Path, tmp_path: Path) -> None:
    _open(_folder(tmp_path / "first") / "mlflow.db")
    linked = tmp_path / "elsewhere.db"
    linked.touch()
    link = _folder(tmp_path / "second") / "mlflow.db"
    link.symlink_to(linked)
    assert _logs(_open(link))
    assert link.is_symlink()
    assert _tables(linked)


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _open(file: Path) -> MlflowClient:
    return open_store(f"sqlite:///{file}")


def _logs(client: MlflowClient) -> bool:
    """Whether what is logged can be read again."""
    run = client.create_run(client.create_experiment("digits"))
    client.log_metric(run.info.run_id, "val_accuracy", 0.75)
    return client.get_run(run.info.run_id).data.metrics == {"val_accuracy": 0.75}


def _tables(file: Path) -> Tables:
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return sorted(found, key=str)
