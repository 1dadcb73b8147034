"""Runs in other stores than one user's SQLite file: many writers, PostgreSQL, a server."""

import os
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import Process, command, start, train, wait_for
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.engine import make_url

from experiments.errors import RunStoreError, ServerError
from experiments.servers.basic_auth import ADMIN
from experiments.servers.mlflow_server import MlflowServer
from experiments.servers.postgres import PostgresServer, free_port
from experiments.tracking import RunStore

WRITERS, RUNS = 8, 3  # runs of each writer


def check_writers(folder: Path, uri: str) -> None:
    """Every run is FINISHED, with each metric of each epoch exactly once."""
    done = command(folder, "writers", str(WRITERS), str(RUNS), MLFLOW_TRACKING_URI=uri)
    assert done.returncode == 0, done.stderr
    store = RunStore(uri)
    found = store.runs()
    assert Counter(run.status for run in found) == {"FINISHED": WRITERS * RUNS}
    assert len({run.params["seed"] for run in found}) == WRITERS * RUNS
    for run in found:
        for metric in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"):
            assert [step for step, _ in store.history(run.run_id, metric)] == [1, 2]
        assert "test_accuracy" in run.metrics


@pytest.mark.timeout(900)
def test_eight_writers_on_postgresql_lose_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    check_writers(tmp_path, postgres.create_database("writers"))


def test_eight_writers_on_sqlite_lose_nothing(tmp_path: Path) -> None:
    check_writers(tmp_path, f"sqlite:///{tmp_path / 'mlflow.db'}")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"password": "s3cret"}, 'password authentication failed for user "mlflow"'),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"port": 1}, "Connection refused"),
        ({"drivername": "mysql"}, "-m pip install mysqlclient` installs it"),
    ],
)
def test_the_message_says_why_a_database_does_not_answer(
    postgres: PostgresServer, change: dict[str, Any], why: str
) -> None:
    url = make_url(postgres.uri).set(**change)
    with pytest.raises(RunStoreError) as error:
        RunStore(url.render_as_string(hide_password=False))
    assert why in str(error.value)
    assert "\n" not in str(error.value)
    assert str(url.password) not in str(error.value)


def test_postgresql_without_its_driver(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(RunStoreError, match=r"-m pip install --editable '/.*\[postgres\]'"):
        RunStore(postgres.uri.replace("+psycopg2", ""))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgres://me:s3cret@host/db", "postgres://me:***@host/db: expected"),
        ("postgresql://me:s3cret@host:port/db", "postgresql://me:***@host:port/db: expected"),
        ("http://me:s3cret@127.0.0.1:1", "http://me:***@127.0.0.1:1 can't be opened"),
        ("postgresql://host:1/db?password=s3cret", "password=*** can't be opened"),
    ],
)
def test_no_message_shows_a_password(uri: str, shown: str) -> None:
    with pytest.raises(RunStoreError) as error:
        RunStore(uri)
    assert shown in str(error.value)
    assert "s3cret" not in str(error.value)


SERVER = "server"  # the folder that two tests use in turn, so that it is set up once


def start_server(folder: Path, port: int, *options: str) -> Process:
    """``python -m experiments.server``, as soon as it serves."""
    where = ("--folder", str(folder), "--port", str(port))
    process = start(folder.parent, *where, *options, module="experiments.server")
    wait_for(lambda: answers(port), process)
    return process


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.timeout(900)
def test_a_server_with_a_password(open_folder: Path, tmp_path: Path) -> None:
    folder, port = open_folder / SERVER, free_port()
    uri = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    folder.mkdir(exist_ok=True)
    (folder / "admin_password").write_text("too short")  # an earlier version left it there
    server = start_server(folder, port, "--auth")
    try:
        password = (folder / "admin_password").read_text()
        login = {"MLFLOW_TRACKING_USERNAME": ADMIN, "MLFLOW_TRACKING_PASSWORD": password}
        done = train(tmp_path, "experiment=xor", "epochs=1", **uri, **login)
        assert done.returncode == 0, done.stderr
        rest = command(tmp_path, "experiments.deliver", **login)  # of a run on a busy machine
        assert rest.returncode == 0, rest.stderr
        refused = train(tmp_path, "experiment=xor", "epochs=2", **uri)
        wrong = {**login, "MLFLOW_TRACKING_PASSWORD": "guessed"}
        kept_out = command(tmp_path, "experiments.leaderboard", "--sweep", "all", **uri, **wrong)
        taken = command(
            tmp_path, "experiments.server", f"--folder={folder}", f"--port={free_port()}"
        )
        with pytest.MonkeyPatch.context() as patch:
            for name, value in login.items():
                patch.setenv(name, value)
            store = RunStore(uri["MLFLOW_TRACKING_URI"])
            (run,) = store.runs()
            assert run.status == "FINISHED"
            with store.checkpoint(run.run_id) as file:
                assert file.stat().st_size > 0
        for private in ("artifacts", "mlflow.log", "admin_password", "postgres"):
            assert (folder / private).stat().st_mode & 0o077 == 0, private
    finally:
        os.kill(server.pid, signal.SIGINT)
        server.communicate()
    assert server.returncode == 0
    for failed in (refused, kept_out):
        assert failed.returncode == 2
        assert "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" in " ".join(
            failed.stderr.split()
        )
    assert taken.returncode == 2
    assert "is in use by another process" in taken.stderr


@pytest.mark.timeout(900)
def test_neither_server_outlives_the_other_or_its_starter(open_folder: Path) -> None:
    folder, port = open_folder / SERVER, free_port()
    starter = start_server(folder, port)
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    deadline = time.monotonic() + 240
    while answers(port):
        assert time.monotonic() < deadline, "MLflow survives its starter"
        time.sleep(0.1)
    starter = start_server(folder, port)
    postmaster = (folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
    os.kill(int(postmaster), signal.SIGINT)
    _, said = starter.communicate(timeout=240)
    assert starter.returncode == 1
    assert said.startswith(f"PostgreSQL has ended, see {folder / 'postgres' / 'log'}; ")
    assert len(said.splitlines()) == 1
    assert not answers(port)


def test_a_server_touches_only_files_in_its_own_folder(
    mlflow_server: MlflowServer, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Not those of an experiment that is in the database already, either."""
    place = f"file://{tmp_path}"
    client = MlflowClient(mlflow_server.uri)
    with pytest.raises(MlflowException, match="keeps all artifacts in its own folder"):
        client.create_experiment("elsewhere", artifact_location=place)
    experiment = MlflowClient(postgres.uri).create_experiment("elsewhere", artifact_location=place)
    run_id = client.create_run(experiment).info.run_id
    upload = f"{mlflow_server.uri}/ajax-api/2.0/mlflow/upload-artifact"
    done = requests.post(upload, params={"run_uuid": run_id, "path": "a"}, data="text")
    assert (done.status_code, "keeps no artifacts there" in done.text) == (400, True)
    read = f"{mlflow_server.uri}/get-artifact"
    done = requests.get(read, params={"run_uuid": run_id, "path": "a"})
    assert (done.status_code, "keeps no artifacts there" in done.text) == (400, True)
    assert list(tmp_path.iterdir()) == []


def test_only_files_of_a_bounded_size_are_downloaded(
    mlflow_server: MlflowServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each into a folder that is removed after it was read."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client, store = MlflowClient(mlflow_server.uri), RunStore(mlflow_server.uri)
    run_id = client.create_run("0").info.run_id
    client.log_text(run_id, "a text", "deep/folder/file")
    client.log_text(run_id, "a text", "top")
    for path in ("deep/folder/file", "top"):
        with store.artifact(run_id, path) as file:
            assert file.read_text() == "a text"
    assert list(tmp_path.iterdir()) == []
    for path in ("deep/folder", "deep", "deep/other"):
        with (
            pytest.raises(RunStoreError, match=f"has no file {path}"),
            store.artifact(run_id, path),
        ):
            pass
    monkeypatch.setattr("experiments.tracking.run_artifacts._LARGEST", 5)
    with (
        pytest.raises(RunStoreError, match="has 6 bytes: expected at most 5"),
        store.artifact(run_id, "top"),
    ):
        pass


def test_an_invalid_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = command(tmp_path, "experiments.server", "--port", "99999", "--folder", "new")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'99999': expected a whole number, 1 to 65535" in done.stderr
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ServerError, match="expected 1 to 65535"):
        MlflowServer("sqlite:///x.db", port=0).start()
