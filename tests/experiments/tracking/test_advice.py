"""The commands that messages about a store suggest: each does what it says, as it is printed."""

import tomllib
from pathlib import Path

import pytest
from advice import follow
from mlflow import MlflowClient

from experiments.errors import RunInUse, RunStoreError
from experiments.runtime.commands import install_command
from experiments.tracking import Place, RunStore
from experiments.tracking.connection import find_or_create_experiment, open_store
from experiments.tracking.database.address import elsewhere, resolve_uri
from experiments.training.resume import latest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a store that is not the usual one of its folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return resolve_uri("sqlite:///my runs/mlflow.db")


@pytest.fixture
def client(uri: str) -> MlflowClient:
    return open_store(uri)


def test_a_deleted_experiment_is_restored(client: MlflowClient, tmp_path: Path) -> None:
    artifacts = (tmp_path / "mlartifacts").as_uri()
    found = find_or_create_experiment(client, "mine", artifacts)
    client.delete_experiment(found.experiment_id)
    with pytest.raises(RunStoreError, match=r"tracking\.experiment=mine: .* deleted") as error:
        find_or_create_experiment(client, "mine", artifacts)
    done = follow(str(error.value), tmp_path)
    assert done.returncode == 0, done.stderr
    assert find_or_create_experiment(client, "mine", artifacts).name == "mine"


def test_a_run_of_a_machine_that_is_gone_is_deleted(
    client: MlflowClient, uri: str, tmp_path: Path
) -> None:
    tags = {"nnscratch.kind": "run", "nnscratch.host": "gone"}
    client.create_run("0", tags=tags)
    runs, where = RunStore(uri).runs(), Place(uri, "mine", "", tmp_path / "mljournal")
    with pytest.raises(RunInUse, match="on gone") as error:
        latest(runs, where)
    done = follow(str(error.value), tmp_path)
    assert done.returncode == 0, done.stderr
    assert RunStore(uri).runs() == []


def test_a_first_run_is_logged_to_the_store_that_has_none(uri: str, tmp_path: Path) -> None:
    with pytest.raises(RunStoreError, match="does not exist") as error:
        RunStore(uri)
    done = follow(str(error.value), tmp_path)
    assert done.returncode == 0, done.stderr
    assert RunStore(uri).best_run().status == "FINISHED"
    assert f"MLFLOW_TRACKING_URI='{uri}' " in done.stdout  # for the next commands


def test_a_command_names_the_store_only_where_it_would_use_another(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert elsewhere(resolve_uri(None)) == {}
    assert elsewhere(uri) == {"MLFLOW_TRACKING_URI": uri}
    assert elsewhere("http://me:s3cret@host")["MLFLOW_TRACKING_URI"] == "http://me:***@host"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:s3cret@host")
    assert elsewhere("http://me:s3cret@host") == {}
    assert elsewhere(resolve_uri("sqlite:///mlflow.db")) != {}


def test_extras_are_installed_from_the_folder_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in project["optional-dependencies"]:
        assert install_command(extra).endswith(f"-m pip install --editable '{ROOT}[{extra}]'")
