"""Addresses of stores and of artifacts as users type or copy them."""

from pathlib import Path

import pytest

from experiments.config.compose import compose_config
from experiments.errors import RunStoreError
from experiments.tracking import Place
from experiments.tracking.database.address import resolve_uri


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sqlite:///~/runs/mlflow.db", "sqlite:////home/me/runs/mlflow.db"),
        ("sqlite+pysqlite:////runs/mlflow.db", "sqlite:////runs/mlflow.db"),
        ("http://host:5000/#/experiments/1/runs/2?x=3", "http://host:5000"),
        ("https://host/mlflow/#/", "https://host/mlflow"),
        (" http://host:5000/ ", "http://host:5000"),
    ],
)
def test_the_address_of_a_store(typed: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", typed)
    assert resolve_uri(None) == resolve_uri(typed) == meant


@pytest.mark.parametrize(
    ("typed", "guess"),
    [
        ("host:5000/#/experiments/1", "http://host:5000"),
        ("~/runs/mlflow.db", "sqlite:///~/runs/mlflow.db"),
        ("sqlite://runs/mlflow.db", "sqlite:///runs/mlflow.db"),
        ("file:///runs/mlflow.db", "sqlite:////runs/mlflow.db"),
    ],
)
def test_what_is_no_address_of_a_store_is_told_the_right_one(typed: str, guess: str) -> None:
    with pytest.raises(RunStoreError) as error:
        resolve_uri(typed)
    assert str(error.value).endswith(f"did you mean {guess}?")
    assert resolve_uri(guess)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("~/artifacts", "file:///home/me/artifacts"),
        ("file:///data/artifacts", "file:///data/artifacts"),
        ("s3://bucket/runs", "s3://bucket/runs"),
    ],
)
def test_where_artifacts_are_kept(typed: str, meant: str, home: Path) -> None:
    place = Place.of(compose_config([f"tracking.artifacts='{typed}'"]).tracking)
    assert (place.artifacts, place.journals) == (meant, home / "mljournal")
