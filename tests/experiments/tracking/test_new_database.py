"""New stores are copies of an empty one: as good as those that MLflow makes itself."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.version import VERSION

from experiments.errors import RunStoreError
from experiments.tracking.connection import open_store, resolve_uri

NAME = f"empty-mlflow-{VERSION}.db"


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the first store of a user leaves in the cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("first")
        patch.setenv("XDG_CACHE_HOME", str(folder / "user_cache"))
        patch.chdir(folder)
        assert _logs(_open(folder / "mlflow.db"))
        [kept] = (folder / "user_cache" / "nnscratch").iterdir()
        assert kept.name == NAME
        return kept.read_bytes()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: bytes) -> Path:
    """The same, in the cache of this test; the working directory is new."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user_cache"))
    monkeypatch.chdir(_folder(tmp_path / "work"))
    file = tmp_path / "user_cache" / "nnscratch" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(empty_store)
    return file


def test_a_copy_has_the_tables_that_mlflow_makes(kept: Path) -> None:
    kept.unlink()
    assert _logs(_open(Path("made.db")))
    assert kept.exists()
    assert _logs(_open(Path("copied.db")))
    assert _tables(Path("copied.db")) == _tables(Path("made.db"))


def test_a_copy_is_empty_but_for_a_default_experiment_of_its_own(
    kept: Path, empty_store: bytes
) -> None:
    [default] = _open(Path("mlflow.db")).search_experiments()
    assert default.artifact_location == str(Path("mlruns/0").absolute())
    assert _logs(_open(Path("mlflow.db")))
    assert kept.read_bytes() == empty_store  # nothing that happens in a store reaches it


def test_a_store_with_runs_is_left_alone(kept: Path) -> None:
    assert _logs(_open(Path("mlflow.db")))
    names = [found.name for found in _open(Path("mlflow.db")).search_experiments()]
    assert sorted(names) == ["Default", "digits"]


def test_a_deleted_store_does_not_come_back(kept: Path) -> None:
    """SQLite's log of it may still be there; laid over the copy, it would break it."""
    client = _open(Path("deleted.db"))
    for number in range(20):
        assert _logs(client, client.create_experiment(f"experiment {number}"))
    for end in ("wal", "shm"):
        shutil.copyfile(f"deleted.db-{end}", f"mlflow.db-{end}")

    [default] = _open(Path("mlflow.db")).search_experiments()

    assert default.name == "Default"
    assert _logs(_open(Path("mlflow.db")))
    with closing(sqlite3.connect("mlflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("harm", ["overwritten", "no database", "empty"])
def test_a_damaged_copy_is_made_again(kept: Path, empty_store: bytes, harm: str) -> None:
    half = len(empty_store) // 2
    kept.write_bytes(
        {
            "overwritten": empty_store[:half] + bytes(half),
            "no database": b"not a database",
            "empty": b"",
        }[harm]
    )
    assert _logs(_open(Path("mlflow.db")))
    assert len(kept.read_bytes()) == len(empty_store)


def test_a_cache_that_cannot_be_written_is_done_without(kept: Path) -> None:
    shutil.rmtree(kept.parent)
    kept.parent.write_text("a file where the folder should be")
    assert _logs(_open(Path("mlflow.db")))


def test_the_copy_has_the_permissions_that_a_new_file_has(kept: Path) -> None:
    before = os.umask(0o077)
    try:
        _open(Path("mlflow.db"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("mlflow.db").stat().st_mode) == 0o600


def test_links_are_followed(kept: Path) -> None:
    Path("mlflow.db").symlink_to("elsewhere.db")
    assert _logs(_open(Path("mlflow.db")))
    assert Path("mlflow.db").is_symlink()
    assert _tables(Path("elsewhere.db"))


def test_links_in_a_circle_are_one_clear_error(kept: Path) -> None:
    Path("mlflow.db").symlink_to("mlflow.db")
    with pytest.raises(RunStoreError, match="unable to open database file"):
        _open(Path("mlflow.db"))


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _open(file: Path) -> MlflowClient:
    return open_store(resolve_uri(f"sqlite:///{file}"))


def _logs(client: MlflowClient, experiment: str | None = None) -> bool:
    """Whether what is logged can be read again."""
    run = client.create_run(experiment or client.create_experiment("digits"))
    client.log_metric(run.info.run_id, "val_accuracy", 0.75)
    return client.get_run(run.info.run_id).data.metrics == {"val_accuracy": 0.75}


def _tables(file: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return sorted(found, key=str)
