"""The password of the first user: kept once, and only if MLflow takes it."""

from pathlib import Path

import pytest

from experiments.errors import ServerError
from experiments.servers.basic_auth import admin_password

VARIABLE = "MLFLOW_AUTH_ADMIN_PASSWORD"


@pytest.mark.parametrize("refused", ["short", "password1234"])
def test_a_password_that_mlflow_refuses_is_never_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    monkeypatch.setenv(VARIABLE, refused)
    with pytest.raises(ServerError, match=f"{VARIABLE}: expected at least 12 characters"):
        admin_password(tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv(VARIABLE, "long enough for all")
    (tmp_path / "admin_password").write_text(refused)  # an earlier version kept it
    assert admin_password(tmp_path) == "long enough for all"
    monkeypatch.setenv(VARIABLE, "another one, later")
    assert admin_password(tmp_path) == "long enough for all"
