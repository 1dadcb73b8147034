"""Disks that refuse, files that are damaged, stores that lie: one clear line, and nothing lost."""

import resource
from pathlib import Path

import pytest
from harness import Process, checkpoint, command, fresh_command, start, store, train, wait_for
from mlflow import MlflowClient

from experiments.errors import RunStoreError
from nnscratch import load_checkpoint, load_training_state


def checkpoints(folder: Path) -> Path:
    """The checkpoint folder of the only run."""
    [found] = folder.glob("mlartifacts/**/checkpoints")
    return found


def begun(folder: Path, *arguments: str) -> Process:
    """A long training that has logged two epochs, and each kind of checkpoint."""
    process = start(folder, "data=digits", "epochs=100000", "batch_size=8", *arguments)
    names = ("epochs/epoch_0002", "best", "last", "state")
    wait_for(
        lambda: all(list(folder.glob(f"mlartifacts/**/checkpoints/{n}.npz")) for n in names),
        process,
    )
    return process


def check_end(folder: Path, process: Process, named: str) -> None:
    """One line that names the file, a FAILED run with all its epochs, and no litter."""
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    line = errors.strip().splitlines()[-1]
    assert named in line
    assert "can't be written" in line
    assert "Traceback" not in errors
    [run] = store(folder).runs()
    assert run.status == "FAILED"
    assert named in run.tags["nnscratch.error"]
    epochs = [step for step, _ in store(folder).history(run.run_id, "val_loss")]
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) >= 2
    assert list(folder.rglob("*.tmp")) == []


def check_loadable(folder: Path) -> None:
    for file in (folder / "best.npz", folder / "last.npz", *folder.glob("epochs/*.npz")):
        load_checkpoint(file)
    assert load_training_state(folder / "state.npz").epoch >= 1


def test_a_full_disk_fails_the_run_and_keeps_finished_epochs(tmp_path: Path) -> None:
    """The system's limit on file sizes, set while it runs: state.npz has no room any more."""
    process = begun(tmp_path, "model.hidden=[1000]")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))
    check_end(tmp_path, process, "state.npz")
    check_loadable(checkpoints(tmp_path))


def test_an_unwritable_folder_fails_the_run_and_keeps_finished_epochs(
    tmp_path: Path,
) -> None:
    process = begun(tmp_path, "model.hidden=[16]")
    folder = checkpoints(tmp_path)
    aside = folder.rename(tmp_path / "aside")
    folder.write_text("in the way")
    check_end(tmp_path, process, "checkpoints")
    check_loadable(aside)
    # What could not be delivered waits until the folder takes files again.
    folder.unlink()
    aside.rename(folder)
    assert fresh_command(tmp_path, "experiments.deliver").returncode == 0
    check_loadable(folder)


@pytest.mark.parametrize("key", ["tracking.artifacts", "tracking.journal"])
def test_an_unwritable_folder_is_named_before_training(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").write_text("in the way")
    done = train(tmp_path, "data=digits", f"{key}=file/folder")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"{key}={tmp_path / 'file/folder'}: ")
    assert "epoch" not in done.stdout
    assert store(tmp_path).runs() == []


# --- the files of a store -------------------------------------------------------------------


@pytest.fixture(scope="module")
def xor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run."""
    folder = tmp_path_factory.mktemp("xor")
    assert train(folder, "experiment=xor", "epochs=2").returncode == 0
    return folder


@pytest.mark.parametrize("name", ["../../secret", "/../../secret", "..\\secret", "a\0b", "nothing"])
def test_no_path_leads_out_of_the_folder_of_a_run(xor: Path, name: str) -> None:
    [run] = store(xor).runs()
    (checkpoints(xor).parents[1] / "secret.npz").write_bytes(b"")
    with pytest.raises(RunStoreError), store(xor).checkpoint(run.run_id, name):
        pass


def test_no_link_leads_out_of_the_folder_of_a_run(xor: Path) -> None:
    [run] = store(xor).runs()
    outside = xor / "outside.npz"
    outside.write_bytes((checkpoints(xor) / "best.npz").read_bytes())
    for name, target in (("linked", outside), ("circle", Path("circle.npz"))):
        (checkpoints(xor) / f"{name}.npz").symlink_to(target)
        with pytest.raises(RunStoreError, match=f"{name}.npz"):
            checkpoint(store(xor), run.run_id, name)


def test_the_window_refuses_a_damaged_checkpoint_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "best.npz").write_bytes(b"PK\x03\x04 not really")
    done = command(tmp_path, "gui", "--checkpoint", "best.npz")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert "best.npz" in line


def test_control_characters_and_markup_in_names_are_shown_as_text(tmp_path: Path) -> None:
    """Neither by the terminal nor by what lays out the table."""
    assert train(tmp_path, "-m", "experiment=xor", "epochs=1", "seed=0,1").returncode == 0
    client = MlflowClient(store(tmp_path).uri)
    [sweep] = store(tmp_path).sweeps()
    client.update_run(sweep.run_id, name="evil \x1b]0;owned\x07 [red]name[/] [/]")
    for run, value in zip(store(tmp_path).runs(), ("\x1b[2Jevil", "[/] [red]other"), strict=True):
        client.log_param(run.run_id, "data.trick", value)
    done = command(tmp_path, "experiments.leaderboard", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    for text in ("\\x1b]0;owned", "[red]name[/] [/]", "\\x1b[2Jevil", "[/] [red]other"):
        assert text in done.stdout
