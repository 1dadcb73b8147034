"""Opening a store: what MLflow reports is one clear error."""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from experiments.errors import RunStoreError
from experiments.tracking import RunStore
from experiments.tracking.connection import open_store, open_to_read
from experiments.tracking.database.address import resolve_uri


def test_links_in_a_circle_are_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.symlink_to(file)
    with pytest.raises(RunStoreError, match="unable to open database file"):
        open_store(resolve_uri(f"sqlite:///{file}"))


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", "http://me:s3cret@127.0.0.1:1")
    with pytest.raises(RunStoreError, match=r"proxy http://me:\*\*\*@127.0.0.1:1; no_proxy"):
        open_store("http://store.invalid:5000")
    monkeypatch.setenv("no_proxy", "store.invalid")
    with pytest.raises(RunStoreError, match=r"http://store.invalid:5000 can't be opened"):
        open_store("http://store.invalid:5000")


def test_a_store_that_can_only_be_read_is_read_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"sqlite:///{tmp_path / 'a folder' / 'mlflow.db'}"
    open_store(uri).create_experiment("mine")
    file = tmp_path / "a folder" / "mlflow.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    monkeypatch.chdir(tmp_path)
    with read_only_folder(file.parent):
        before = sorted(file.parent.iterdir())
        found = open_to_read(uri).search_experiments()
        assert {experiment.name for experiment in found} == {"mine", "Default"}
        assert RunStore(uri).runs() == []
        with pytest.raises(RunStoreError, match="can only be read: make its file and its folder"):
            open_store(uri)
        assert sorted(file.parent.iterdir()) == before
    assert list(tmp_path.iterdir()) == [file.parent]


def test_a_new_database_has_all_its_tables_at_once(tmp_path: Path) -> None:
    """A process that is killed in between leaves no half of them."""
    file, seen = tmp_path / "mlflow.db", set()
    with ThreadPoolExecutor() as pool, closing(sqlite3.connect(file)) as database:
        opening = pool.submit(open_store, f"sqlite:///{file}")
        while not opening.done():
            seen.add(database.execute("SELECT count(*) FROM sqlite_master").fetchone())
        opening.result()
        whole = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    assert seen <= {(0,), whole}


def test_entries_that_a_store_holds_back_are_not_overlooked(tmp_path: Path) -> None:
    for name in ("mlflow.db", "mlflow.db-wal"):
        (tmp_path / name).write_text("entries")
    with (
        read_only_folder(tmp_path),
        pytest.raises(RunStoreError, match=r"its newest entries are in mlflow\.db-wal"),
    ):
        open_to_read(f"sqlite:///{tmp_path / 'mlflow.db'}")


@contextmanager
def read_only_folder(folder: Path) -> Iterator[None]:
    """Nobody may write there. Root may anywhere, so root appears as another user."""
    user = os.getuid()
    folder.chmod(0o555)
    if user == 0:
        os.setreuid(65534, 0)
    try:
        yield
    finally:
        os.setreuid(user, user)
        folder.chmod(0o755)
