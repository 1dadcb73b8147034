"""A tracking server goes away: training continues, and nothing is lost or logged twice."""

import os
import signal
from pathlib import Path

import pytest
from gate import Gate
from harness import command, frozen, logged_epochs, start, wait_for, workers_of
from mlflow import MlflowClient

from experiments.runs.summary import RunSummary
from experiments.servers.mlflow_server import MlflowServer
from experiments.tracking import RunStore
from nnscratch import load_checkpoint

EPOCHS = 30
SLOW = ("data=digits", "model.hidden=[16]", "batch_size=1", "tracking.epoch_checkpoints=false")


def runs_of(server: MlflowServer, experiment: str) -> list[RunSummary]:
    return [run for run in RunStore(server.uri).runs() if run.experiment == experiment]


def epochs_of(server: MlflowServer, run: RunSummary) -> list[int]:
    return [step for step, _ in RunStore(server.uri).history(run.run_id, "train_loss")]


def left(folder: Path) -> list[Path]:
    return list((folder / "mljournal").iterdir())


@pytest.mark.timeout(400)
def test_a_sweep_survives_a_server_that_is_down_for_ten_epochs(
    tmp_path: Path, mlflow_server: MlflowServer
) -> None:
    sweep = ("-m", *SLOW, f"epochs={EPOCHS}", "seed=range(4)", "hydra.launcher.n_jobs=2")
    named = (f"tracking.uri={mlflow_server.uri}", "tracking.experiment=outage")
    gate = Gate(tmp_path, 3)
    process = start(tmp_path, *sweep, *named, *gate.overrides)

    def under_way() -> bool:
        runs = runs_of(mlflow_server, "outage")
        return len(runs) >= 2 and all("val_loss" in run.metrics for run in runs)

    wait_for(under_way, process)
    mlflow_server.stop()
    before = sum(logged_epochs(tmp_path))
    gate.open()
    wait_for(lambda: sum(logged_epochs(tmp_path)) >= before + 10, process)
    with frozen(process):
        mlflow_server.start()
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    runs = runs_of(mlflow_server, "outage")
    assert [run.status for run in runs] == ["FINISHED"] * 4
    for run in runs:
        assert epochs_of(mlflow_server, run) == list(range(1, EPOCHS + 1))
        with RunStore(mlflow_server.uri).checkpoint(run.run_id) as file:
            load_checkpoint(file)
        model = MlflowClient(mlflow_server.uri).list_artifacts(run.run_id, "model")
        assert {"model/MLmodel", "model/code"} < {file.path for file in model}
    assert left(tmp_path) == []


@pytest.mark.timeout(400)
def test_entries_that_a_silent_server_missed_are_delivered_once(
    tmp_path: Path, mlflow_server: MlflowServer
) -> None:
    """The deliverer is killed in the middle of its work, twice."""
    named = (f"tracking.uri={mlflow_server.uri}", "tracking.experiment=afterwards")
    gate = Gate(tmp_path, 3)
    process = start(tmp_path, *SLOW, "epochs=40", *named, *gate.overrides)
    wait_for(lambda: runs_of(mlflow_server, "afterwards"), process)
    mlflow_server.stop()
    gate.open()
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert "python -m experiments.deliver" in out
    [journal] = left(tmp_path)
    refused = command(tmp_path, "experiments.deliver")
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1

    mlflow_server.start()

    def progress() -> str:
        try:
            return (journal / "progress.json").read_text()
        except FileNotFoundError:
            return "everything is delivered"

    for _ in range(2):
        before = progress()
        deliverer = start(tmp_path, module="experiments.deliver")
        wait_for(lambda before=before: progress() != before, deliverer)
        os.killpg(deliverer.pid, signal.SIGKILL)
        deliverer.communicate()
    assert command(tmp_path, "experiments.deliver").returncode == 0
    [run] = runs_of(mlflow_server, "afterwards")
    assert run.status == "FINISHED"
    assert epochs_of(mlflow_server, run) == list(range(1, 41))
    assert run.metrics["test_accuracy"] > 0.8
    assert left(tmp_path) == []


@pytest.mark.timeout(400)
def test_a_sweep_delivers_the_journals_of_killed_workers(
    tmp_path: Path, mlflow_server: MlflowServer
) -> None:
    """The server is silent, then the worker dies over its journal, then the server answers."""
    sweep = ("-m", *SLOW, f"epochs=100000,{EPOCHS}", "hydra.launcher.n_jobs=1")
    named = (f"tracking.uri={mlflow_server.uri}", "tracking.experiment=killed")
    process = start(tmp_path, *sweep, *named)
    wait_for(lambda: runs_of(mlflow_server, "killed"), process)
    mlflow_server.stop()
    before = max(logged_epochs(tmp_path), default=0)
    wait_for(lambda: max(logged_epochs(tmp_path), default=0) >= before + 2, process)
    [worker] = workers_of(process)
    os.kill(worker.pid, signal.SIGKILL)
    with frozen(process):
        mlflow_server.start()
    process.communicate(timeout=300)
    dead, alive = sorted(runs_of(mlflow_server, "killed"), key=lambda run: run.status == "FINISHED")
    assert (dead.status, alive.status) == ("FAILED", "FINISHED")
    steps = epochs_of(mlflow_server, dead)
    assert len(steps) >= before + 2
    assert steps == list(range(1, len(steps) + 1))
    assert epochs_of(mlflow_server, alive) == list(range(1, EPOCHS + 1))
    assert left(tmp_path) == []
