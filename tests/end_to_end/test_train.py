"""One run, end to end: what it prints, what it logs, and how it ends."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from harness import checkpoint, checkpoints, command, fresh_command, interrupt_when, store, train
from mlflow import MlflowClient
from omegaconf import OmegaConf
from PIL import Image

from experiments.datasets import load
from experiments.errors import RunStoreError
from experiments.runs.summary import RunSummary
from experiments.tracking import RunStore
from nnscratch import checkpoint_metadata, load_checkpoint, load_training_state, weights_digest


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunStore, RunSummary]:
    """A finished run on the embedded digits: its folder, its store, itself."""
    folder = tmp_path_factory.mktemp("run")
    typed = ("data=digits", "epochs=4", "batch_size=16", "model.hidden=[32,16]")
    done = fresh_command(folder, "experiments.train", *typed)
    assert done.returncode == 0, done.stderr
    assert "test accuracy" in done.stdout
    [run] = store(folder).runs()
    return folder, store(folder), run


def test_every_metric_of_every_epoch_is_logged(finished) -> None:
    _, runs, run = finished
    assert run.status == "FINISHED"
    for metric in (
        "train_loss",
        "train_accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
        "epoch_seconds",
        "training_seconds",
    ):
        assert [step for step, _ in runs.history(run.run_id, metric)] == [1, 2, 3, 4], metric
    best = max(value for _, value in runs.history(run.run_id, "val_accuracy"))
    assert run.metrics["best_val_accuracy"] == pytest.approx(best)
    assert run.metrics["test_accuracy"] > 0.85
    assert 0 < run.metrics["test_loss"] < 1


def test_the_config_is_logged_under_the_names_that_a_user_types(finished) -> None:
    folder, _, run = finished
    expected = {
        "data.name": "digits",
        "model.hidden": "[32, 16]",
        "model.init": "he_normal",
        "model.activation": "relu",
        "optimizer.name": "adam",
        "optimizer.learning_rate": "0.001",
        "loss.name": "softmax_cross_entropy",
        "batch_size": "16",
        "seed": "0",
    }
    assert expected.items() <= run.params.items()
    config = OmegaConf.load(artifacts(folder, run) / "config" / "config.yaml")
    assert config.model.hidden == [32, 16]


def test_tags_name_the_origin_of_the_result(finished) -> None:
    _, runs, run = finished
    last = load_checkpoint(checkpoint(runs, run.run_id, "last"))
    assert run.tags["nnscratch.weights_digest"] == weights_digest(last)
    assert len(run.tags["nnscratch.config_digest"]) == 64
    assert len(run.tags["nnscratch.dataset_digest"]) == 64
    assert len(run.tags["mlflow.source.git.commit"]) == 40
    for library in ("numpy", "mlflow", "hydra-core", "nnscratch", "python"):
        assert run.tags[f"version.{library}"][0].isdigit()


def test_all_artifacts_are_complete(finished) -> None:
    folder, runs, run = finished
    root = artifacts(folder, run)
    files = sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())
    assert [file for file in files if not file.startswith("model/")] == [
        "calibration.json",
        "checkpoints/best.npz",
        *[f"checkpoints/epochs/epoch_{n:04d}.npz" for n in (1, 2, 3, 4)],
        "checkpoints/last.npz",
        "checkpoints/state.npz",
        "config/config.yaml",
        "plots/confusion_matrix.png",
        "plots/learning_curves.png",
    ]
    assert "model/MLmodel" in files
    for plot in root.glob("plots/*.png"):
        with Image.open(plot) as image:
            assert min(image.size) > 300
    best = checkpoint_metadata(checkpoint(runs, run.run_id))
    history = dict(runs.history(run.run_id, "val_accuracy"))
    assert history[best["epoch"]] == max(history.values())


def test_the_calibration_on_validation_images_is_logged(finished) -> None:
    folder, _, run = finished
    table = json.loads((artifacts(folder, run) / "calibration.json").read_text())
    assert len(table["samples"]) == len(table["right"]) == len(table["edges"]) - 1
    splits = load("digits", val_fraction=0.1, seed=0)
    assert sum(table["samples"]) == len(splits.validation)
    assert sum(table["right"]) == round(run.val_accuracy * len(splits.validation))


def test_epochs_with_checkpoints_are_listed(finished) -> None:
    _, runs, run = finished
    assert runs.epochs(run.run_id) == (1, 2, 3, 4)


def test_every_write_changes_the_version_of_the_store(finished) -> None:
    _, runs, run = finished
    before = runs.version()
    assert runs.version() == before
    MlflowClient(runs.uri).set_tag(run.run_id, "note", "seen")
    assert runs.version() != before


def test_a_local_artifact_is_found_without_the_store(finished) -> None:
    folder, runs, run = finished
    found = runs.local_artifact(run, "checkpoints/best.npz")
    assert found == artifacts(folder, run) / "checkpoints" / "best.npz"
    with pytest.raises(RunStoreError, match=r"no checkpoints/absent\.npz"):
        runs.local_artifact(run, "checkpoints/absent.npz")
    with pytest.raises(RunStoreError, match="leads out"):
        runs.local_artifact(run, "../../../mlflow.db")
    elsewhere = replace(run, artifact_uri="mlflow-artifacts:/1/2")
    assert runs.local_artifact(elsewhere, "checkpoints/best.npz") is None


def test_the_run_is_found_by_the_first_characters_of_its_id(finished) -> None:
    _, runs, run = finished
    assert runs.run(run.run_id[:8]).run_id == run.run_id
    assert runs.best_run().run_id == run.run_id
    for unknown in ("0" * 32, "'; --", ""):
        with pytest.raises(RunStoreError, match="run"):
            runs.run(unknown)


def test_a_missing_checkpoint_is_one_clear_line(finished) -> None:
    _, runs, run = finished
    with pytest.raises(RunStoreError, match=r"no checkpoints/epochs/epoch_0099\.npz"):
        checkpoint(runs, run.run_id, "epochs/epoch_0099")


def test_epoch_checkpoints_can_be_left_out(tmp_path: Path) -> None:
    done = train(tmp_path, "experiment=xor", "epochs=3")
    assert done.returncode == 0, done.stderr
    [run] = store(tmp_path).runs()
    names = {file.name for file in artifacts(tmp_path, run).rglob("*.npz")}
    assert names == {"best.npz", "last.npz", "state.npz", "network.npz"}


def test_a_diverged_run_is_failed_and_says_so(tmp_path: Path) -> None:
    done = train(tmp_path, "data=digits", "optimizer=sgd", "optimizer.learning_rate=1e30")
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "epoch 1" in line
    assert "1e+30" in line
    [run] = store(tmp_path).runs()
    assert run.status == "FAILED"
    assert run.tags["nnscratch.diverged"] == "true"
    assert "DivergenceError" in run.tags["nnscratch.error"]


def test_a_network_too_large_for_the_memory_is_one_clear_line(tmp_path: Path) -> None:
    done = train(tmp_path, "data=digits", "model.hidden=[1000000,1000000]")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert "out of memory" in line
    assert "model.hidden" in line
    assert store(tmp_path).runs() == []


def test_ctrl_c_keeps_every_finished_epoch(tmp_path: Path) -> None:
    def third_epoch() -> bool:
        return bool(checkpoints(tmp_path, "epoch_0003.npz"))

    done = interrupt_when(tmp_path, third_epoch, "data=digits", "epochs=100000", "batch_size=1")
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    [run] = store(tmp_path).runs()
    assert run.status == "KILLED"
    root = artifacts(tmp_path, run)
    steps = [step for step, _ in store(tmp_path).history(run.run_id, "train_loss")]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 3
    for file in root.rglob("*.npz"):
        load = load_training_state if file.name == "state.npz" else load_checkpoint
        load(file)
    assert (root / "plots" / "learning_curves.png").is_file()
    best = load_checkpoint(root / "checkpoints" / "best.npz")
    assert weights_digest(load_checkpoint(root / "model" / "network.npz")) == weights_digest(best)


def test_the_store_can_be_named_by_variable_or_config(tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    named = f"sqlite:///{tmp_path / 'named.db'}"
    xor = ("experiment=xor", "epochs=1")
    assert train(tmp_path, *xor, MLFLOW_TRACKING_URI=elsewhere).returncode == 0
    both = train(tmp_path, *xor, f"tracking.uri={named}", MLFLOW_TRACKING_URI=elsewhere)
    assert both.returncode == 0, both.stderr
    assert len(RunStore(elsewhere).runs()) == len(RunStore(named).runs()) == 1
    assert not (tmp_path / "mlflow.db").exists()


def test_a_folder_name_may_hold_special_characters_of_uris(tmp_path: Path) -> None:
    folder = tmp_path / "50%20 off? ünï #1"
    folder.mkdir()
    done = train(folder, "experiment=xor", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert len(RunStore(f"sqlite:///{quote(str(folder))}/mlflow.db").runs()) == 1
    assert command(folder, "experiments.leaderboard", "--sweep", "all").returncode == 0


def test_an_ascii_terminal_does_not_end_the_run(tmp_path: Path) -> None:
    done = train(tmp_path, "experiment=xor", "epochs=1", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_a_validation_loss_that_is_not_finite_is_divergence(tmp_path: Path) -> None:
    """One batch per epoch: the training loss is computed before the only step."""
    setting = ("optimizer=sgd", "optimizer.learning_rate=1e30", "batch_size=2000", "epochs=1")
    done = train(tmp_path, "data=digits", *setting)
    assert done.returncode == 1
    [run] = store(tmp_path).runs()
    assert (run.status, run.tags["nnscratch.diverged"]) == ("FAILED", "true")


@pytest.mark.parametrize("uri", ["sqlite:///{}", "http://127.0.0.1:1", "sqlite://"])
def test_a_store_that_cannot_be_opened_ends_the_command_at_once(tmp_path: Path, uri: str) -> None:
    done = train(tmp_path, "experiment=xor", "epochs=1", f"tracking.uri='{uri.format(tmp_path)}'")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert uri.partition(":")[0] in line


def test_a_run_logs_its_best_accuracy_so_far(tmp_path: Path) -> None:
    def third_epoch() -> bool:
        return bool(checkpoints(tmp_path, "epoch_0003.npz"))

    interrupt_when(tmp_path, third_epoch, "data=digits", "epochs=100000", "batch_size=1")
    [run] = store(tmp_path).runs()
    accuracies = [value for _, value in store(tmp_path).history(run.run_id, "val_accuracy")]
    assert run.val_accuracy == max(accuracies)


def test_the_id_of_a_training_run_is_refused_as_a_sweep(finished) -> None:
    folder, _, run = finished
    done = command(folder, "experiments.leaderboard", "--sweep", run.run_id[:8])
    assert done.returncode == 2
    assert "is a training run, not a sweep" in done.stderr


def test_telemetry_is_off(tmp_path: Path) -> None:
    """In a fresh interpreter, whatever the user's environment says."""
    probe = (
        "import experiments.tracking\n"
        "from mlflow.telemetry.utils import is_telemetry_disabled\n"
        "print(is_telemetry_disabled())\n"
    )
    (tmp_path / "probe.py").write_text(probe)
    assert fresh_command(tmp_path, "probe").stdout.strip() == "True"


@pytest.mark.parametrize("module", ["experiments.leaderboard", "experiments.ui"])
def test_without_a_store_a_command_says_how_to_log_a_run(tmp_path: Path, module: str) -> None:
    done = command(tmp_path, module)
    assert done.returncode == 2
    assert "python -m experiments.train" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_json_leaderboard_of_all_runs(finished) -> None:
    folder, _, run = finished
    done = fresh_command(folder, "experiments.leaderboard", "--sweep", "all", "--format", "json")
    [row] = json.loads(done.stdout)
    assert row["run_id"] == run.run_id
    assert row["val_accuracy"] == run.metrics["best_val_accuracy"]


def artifacts(folder: Path, run: RunSummary) -> Path:
    return folder / "mlartifacts" / run.run_id / "artifacts"
