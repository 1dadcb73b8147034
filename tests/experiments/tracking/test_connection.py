"""Opening a store: what MLflow reports is one clear error."""

from pathlib import Path

import pytest

from experiments.errors import RunStoreError
from experiments.tracking.connection import open_store
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
