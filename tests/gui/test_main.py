"""``python -m gui``: its error messages, and the runs that it opens."""

import subprocess
import sys
from pathlib import Path

import pytest
from live_window import LiveWindow, own_environment

from nnscratch import mlp, save_checkpoint

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=own_environment(PYTHONPATH=str(ROOT), **variables),
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error of a command that exits with status 2."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


def test_without_a_run_the_line_says_how_to_train_one(tmp_path, tkinter_here) -> None:
    line = complaint(start(tmp_path, "-m", "gui", "--best"))
    assert "python -m experiments.train data=digits" in line
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_run_is_named(runs_folder, tkinter_here) -> None:
    assert "0123abcd" in complaint(start(runs_folder, "-m", "gui", "--run", "0123abcd"))


def test_an_unknown_run_to_compare_with_is_named(runs_folder, tkinter_here) -> None:
    assert "99ff" in complaint(start(runs_folder, "-m", "gui", "--best", "--compare", "99ff"))


def test_an_unknown_champion_is_named_with_the_known_ones(runs_folder, tkinter_here) -> None:
    line = complaint(start(runs_folder, "-m", "gui", "--run", "models:/nnscratch-mnist@champion"))
    assert line.startswith("there is no models:/nnscratch-mnist@champion in ")
    assert "models:/nnscratch-digits@champion" in line


def test_an_invalid_checkpoint_file_is_named(tmp_path, tkinter_here) -> None:
    (tmp_path / "notes.npz").write_text("not a network\n")
    line = complaint(start(tmp_path, "-m", "gui", "--checkpoint", "notes.npz"))
    assert "notes.npz" in line
    assert "absent.npz" in complaint(start(tmp_path, "-m", "gui", "--checkpoint", "absent.npz"))


def test_a_network_for_another_task_is_refused(tmp_path, tkinter_here) -> None:
    save_checkpoint(mlp([2, 8, 2]), tmp_path / "xor.npz")
    line = complaint(start(tmp_path, "-m", "gui", "--checkpoint", "xor.npz"))
    assert "784 inputs" in line


def test_without_a_display_the_line_says_so(untrained, tmp_path, tkinter_here) -> None:
    line = complaint(start(tmp_path, "-m", "gui", "--checkpoint", str(untrained)))
    assert "display" in line
    assert "DISPLAY" in line


def test_without_tkinter_the_line_names_the_package(tmp_path) -> None:
    script = (
        "import sys; sys.modules['tkinter'] = None; from gui.__main__ import main; main(['--best'])"
    )
    assert "python3-tk" in complaint(start(tmp_path, "-c", script))


@pytest.mark.parametrize(
    "arguments", [("--best", "--run", "1"), ("--checkpoint",), ("digits",), ("--scale", "1.3")]
)
def test_invalid_arguments_are_usage_errors(arguments, tmp_path) -> None:
    done = start(tmp_path, "-m", "gui", *arguments)
    assert "nnscratch-draw --help" in complaint(done)


def test_help_imports_no_library(tmp_path) -> None:
    script = (
        "import sys, gui.__main__; print([m for m in ('numpy', 'tkinter', 'mlflow') "
        "if m in sys.modules])"
    )
    assert start(tmp_path, "-c", script).stdout.strip() == "[]"
    assert "--checkpoint FILE" in start(tmp_path, "-m", "gui", "--help").stdout


@pytest.mark.parametrize(
    "choice", ["--best --compare ID", "--run ID", "--run models:/nnscratch-digits@champion"]
)
def test_a_run_opens_in_the_window(choice, runs_folder, display, mouse) -> None:
    from experiments.tracking import RunStore

    run = RunStore(f"sqlite:///{runs_folder / 'mlflow.db'}").best_run()
    arguments = choice.replace("ID", run.run_id[:8]).split()
    with LiveWindow(display, runs_folder, *arguments) as window:
        window.wait_for("nnscratch")
