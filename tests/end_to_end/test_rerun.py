"""experiments.rerun: the same weights again, or the first epoch and the libraries that differ."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from composing import config
from harness import checkpoint, command, fresh_command, start, store, train, wait_for
from mlflow import MlflowClient
from omegaconf import OmegaConf

from experiments.runs.tags import WEIGHTS_DIGEST
from nnscratch import load_training_state, save_training_state, training_state_metadata

EVERYTHING = (
    "data=digits",
    "model.hidden=[16]",
    "model.dropout=0.2",
    "model.batch_norm=true",
    "ema_decay=0.9",
    "early_stopping.patience=2",
    "diagnostics=true",
    "schedule=cosine",
    "epochs=3",
)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of everything that has a state."""
    folder = tmp_path_factory.mktemp("logged")
    assert train(folder, *EVERYTHING).returncode == 0
    return folder


def rerun(folder: Path, run_id: str | None = None) -> subprocess.CompletedProcess[str]:
    wanted = run_id or store(folder).runs()[0].run_id[:8]
    return command(folder, "experiments.rerun", wanted)


def config_of(folder: Path) -> Path:
    [file] = folder.glob("mlartifacts/**/config.yaml")
    return file


def test_a_run_trained_again_has_the_same_weights(logged: Path) -> None:
    before = sorted(str(file) for file in logged.glob("ml*/**/*"))
    done = fresh_command(logged, "experiments.rerun", store(logged).runs()[0].run_id[:8])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same weights" in done.stdout
    assert len(store(logged).runs()) == 1
    assert sorted(str(file) for file in logged.glob("ml*/**/*")) == before


def test_a_killed_run_is_compared_up_to_its_last_epoch(tmp_path: Path) -> None:
    """Its state may still be in the journal when it is killed."""
    process = start(tmp_path, "data=digits", "model.hidden=[16]", "epochs=100000")
    wait_for(lambda: list(tmp_path.glob("mlartifacts/**/epoch_0002.npz")), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    delivered = command(tmp_path, "experiments.deliver")
    assert delivered.returncode == 0, delivered.stderr
    done = rerun(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_different_epoch_and_changed_libraries_are_named(logged: Path) -> None:
    [run] = store(logged).runs()
    client = MlflowClient(store(logged).uri)
    state = checkpoint(store(logged), run.run_id, "state")
    original = state.read_bytes()
    metadata = training_state_metadata(state)
    metadata["digests"][1] = "f" * 64
    save_training_state(load_training_state(state), state, **metadata)
    client.set_tag(run.run_id, "version.numpy", "1.0.0")
    done = rerun(logged)
    state.write_bytes(original)
    client.set_tag(run.run_id, "version.numpy", run.tags["version.numpy"])
    assert done.returncode == 1
    assert "from epoch 2 on" in done.stdout
    assert "ffffffffffff then" in done.stdout
    assert "numpy: 1.0.0 then" in done.stdout
    assert "mlflow:" not in done.stdout


@pytest.mark.parametrize(
    ("tag", "named"),
    [(WEIGHTS_DIGEST, "after the last epoch"), ("nnscratch.dataset_digest", "data")],
)
def test_another_digest_is_a_difference(logged: Path, tag: str, named: str) -> None:
    [run] = store(logged).runs()
    client = MlflowClient(store(logged).uri)
    client.set_tag(run.run_id, tag, "0" * 64)
    done = rerun(logged)
    client.set_tag(run.run_id, tag, run.tags[tag])
    assert done.returncode == 1
    assert named in done.stdout
    assert "no library's version differs" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("_target_: nnscratch.mlp", "_target_: os.system", "os.system"),
        ("_target_: nnscratch.mlp", "_target_: os.system\n  command: touch owned", "command"),
        ("seed: 0", "seed: ${oc.env:HOME}", "oc.env"),
        ("seed: 0", 'seed: "\\x24{oc.env:HOME}"', "oc.env"),
        ("seed: 0", "seed: !!python/object/apply:os.system ['touch owned']", "python/object"),
        ("seed: 0", "seed: &a [1]\nsurplus: *a", "aliases"),
        ("name: adam", "name: ../../evil", "evil"),
        ("epochs: 3", "epochs: many", "epochs"),
        ("model:", "model: [", "parsing"),
    ],
)
def test_a_config_that_asks_for_more_than_training_is_refused(
    logged: Path, tmp_path: Path, old: str, new: str, named: str
) -> None:
    from experiments.config.stored import stored_config
    from experiments.errors import StoredConfigError

    text = config_of(logged).read_text()
    assert old in text
    changed = tmp_path / "config.yaml"
    changed.write_text(text.replace(old, new))
    with pytest.raises(StoredConfigError, match=named):
        stored_config(changed)
    assert not Path("owned").exists()


def test_a_file_outside_of_the_data_folder_is_read_only_if_it_is_trusted(
    logged: Path, tmp_path: Path
) -> None:
    file, strokes = config_of(logged), tmp_path / "strokes.tra"
    original = file.read_text()
    os.mkfifo(strokes)
    OmegaConf.save(config("data=mnist_and_pen", f"data.pen_strokes={strokes}"), file, resolve=True)
    run_id = store(logged).runs()[0].run_id
    done = rerun(logged)
    trusted = command(logged, "experiments.rerun", run_id, "--trust")
    file.write_text(original)
    assert (done.returncode, trusted.returncode) == (2, 2)
    assert "outside of the data folder" in done.stderr
    assert "add --trust" in done.stderr
    assert f"{strokes} is not a file" in trusted.stderr


def test_a_config_older_than_augmentation_has_none(logged: Path, tmp_path: Path) -> None:
    from experiments.config.stored import stored_config

    text, group = config_of(logged).read_text(), "augmentation:\n  name: none\n  _target_: null\n"
    assert group in text
    old = tmp_path / "config.yaml"
    old.write_text(text.replace(group, ""))
    assert stored_config(old) == stored_config(config_of(logged))


def test_a_run_that_cannot_be_repeated_is_one_clear_line(logged: Path) -> None:
    file = config_of(logged)
    original = file.read_text()
    file.write_text(original.replace("_target_: nnscratch.mlp", "_target_: os.system"))
    refused = rerun(logged)
    file.unlink()
    missing = rerun(logged)
    file.write_text(original)
    unknown = rerun(logged, "ffff")
    for done, named in ((refused, "os.system"), (missing, "config.yaml"), (unknown, "ffff")):
        assert done.returncode == 2
        [line] = done.stderr.strip().splitlines()
        assert named in line
        assert done.stdout == ""
