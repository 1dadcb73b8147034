"""Opening a store: what MLflow reports is one clear error."""

from pathlib import Path

import pytest

from experiments.errors import RunStoreError
from experiments.tracking.connection import open_store, resolve_uri


def test_links_in_a_circle_are_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.symlink_to(file)
    with pytest.raises(RunStoreError, match="unable to open database file"):
        open_store(resolve_uri(f"sqlite:///{file}"))
