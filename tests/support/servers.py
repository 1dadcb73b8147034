"""Throw-away servers that the tests of the backends share: PostgreSQL, and MLflow on it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.servers.mlflow_server import MlflowServer
from experiments.servers.postgres import PostgresServer, free_port


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder for servers: unlike those below tmp_path, the user postgres can enter it."""
    folder = Path(tempfile.mkdtemp(prefix="nnscratch-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[PostgresServer]:
    """A running PostgreSQL server; ``create_database`` gives a test one of its own."""
    with PostgresServer(open_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def mlflow_server(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MlflowServer]:
    """A running MLflow server on that PostgreSQL; a test that stops it starts it again."""
    folder = tmp_path_factory.mktemp("mlflow_server")
    with MlflowServer(
        postgres.uri, folder / "artifacts", port=free_port(), log=folder / "log"
    ) as server:
        yield server
