"""Databases of other programs and of other versions: refused as they are, with what to do."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from advice import follow
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
from optuna.storages import RDBStorage
from sqlalchemy import create_engine

from experiments.config.schema import SearchConfig
from experiments.errors import ConfigError, RunStoreError
from experiments.search.study import Study
from experiments.tracking import RunStore

OLDER_MLFLOW = "acf3f17fdcc7"  # MLflow 2.10
URI = "sqlite:///my runs.db"
SETTINGS = SearchConfig(trials=1, sampler="tpe", pruner="none", startup_trials=1, warmup_epochs=0)


def study(name: str = "mine") -> Study:
    return Study(name, URI, SETTINGS, digest="0123456789abcdef", seed=0, epochs=1)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", URI)
    return tmp_path / "my runs.db"


def execute(file: Path, statement: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
    return rows


def tables(file: Path) -> list[tuple[str]]:
    return execute(file, "SELECT name FROM sqlite_master ORDER BY name")


def mlflow_at(revision: str) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        Base.metadata.create_all(create_engine(f"sqlite:///{file}"))
        command.upgrade(_get_alembic_config(f"sqlite:///{file}"), revision)

    return make


def older_optuna(file: Path) -> None:
    RDBStorage(URI)
    execute(file, "UPDATE alembic_version SET version_num = 'v3.0.0.d'")  # it lacks one index


@pytest.mark.parametrize(
    ("make", "use"), [(mlflow_at(OLDER_MLFLOW), RunStore), (older_optuna, study)]
)
def test_the_database_of_an_older_version_waits_for_its_migration(make, use, file: Path) -> None:
    make(file)
    before = tables(file)
    with pytest.raises(RunStoreError, match=r"written by an older (MLflow|Optuna) than") as error:
        use()
    assert tables(file) == before
    done = follow(str(error.value), file.parent)
    assert done.returncode == 0, done.stderr
    use()


@pytest.mark.parametrize(
    ("make", "use"), [(mlflow_at("head"), RunStore), (lambda _: RDBStorage(URI), study)]
)
def test_the_database_of_a_newer_version_asks_for_that_version(make, use, file: Path) -> None:
    make(file)
    execute(file, "UPDATE alembic_version SET version_num = 'ffff'")
    with pytest.raises(RunStoreError, match=r"written by a newer (MLflow|Optuna) than"):
        use()


@pytest.mark.parametrize("use", [lambda: RunStore(new=True), study])
def test_the_database_of_another_program_stays_as_it_is(use, file: Path) -> None:
    execute(file, "CREATE TABLE bookmarks (address TEXT)")
    with pytest.raises(RunStoreError, match=r"database of another program; .* needs its own"):
        use()
    assert tables(file) == [("bookmarks",)]


def test_the_runs_and_the_study_have_a_database_each(file: Path) -> None:
    study()
    with pytest.raises(RunStoreError, match=r"MLflow needs its own"):
        RunStore(new=True)
    file.unlink()
    RunStore(new=True)
    with pytest.raises(RunStoreError, match=r"Optuna needs its own"):
        study()


def test_the_study_of_another_program_is_not_taken_over() -> None:
    foreign = optuna.create_study(storage=URI, study_name="mine")
    with pytest.raises(ConfigError, match=r"search\.study=mine: belongs to another program"):
        study("mine")
    assert foreign.user_attrs == {}
    study("other")
    study("other")  # its own, again
