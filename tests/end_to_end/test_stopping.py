"""Ctrl-C: once stops after the epoch, twice stops now; with real signals and processes.

And a reader of the output that leaves, as ``head`` does: it stops nothing.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from harness import checkpoints, environment, interrupt_when, store, wait_for

from experiments.runs.summary import RunSummary

# An epoch of several seconds, and one of a minute.
LONG = ("data=digits", "batch_size=1", "epochs=1000", "model.hidden=[256,256]")
ENDLESS = (*LONG[:-1], "model.hidden=[2048,2048]")
SWEEP = ("-m", "seed=range(4)", "hydra.launcher.n_jobs=2")

LINE = "stopping after this epoch; Ctrl-C again stops now"


def begun(folder: Path, runs: int) -> bool:
    return len(checkpoints(folder, "config.yaml")) >= runs


def epochs(folder: Path, run: RunSummary) -> int:
    return len(store(folder).history(run.run_id, "val_loss"))


def group_is_gone(process_group: int) -> bool:
    try:
        os.killpg(process_group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_once_lets_a_run_end_its_epoch(tmp_path: Path, number: signal.Signals) -> None:
    done = interrupt_when(tmp_path, partial(begun, tmp_path, 1), *LONG, number=number)
    assert done.returncode == 130
    [run] = store(tmp_path).runs()
    finished = epochs(tmp_path, run)
    assert finished >= 1
    stopped = f"stopped after epoch {finished}: resume=true continues it"
    assert done.stderr.splitlines() == [LINE, stopped]
    assert run.status == "KILLED"
    assert checkpoints(tmp_path, "state.npz")
    assert checkpoints(tmp_path, "learning_curves.png")


def test_twice_stops_a_run_now(tmp_path: Path) -> None:
    done = interrupt_when(tmp_path, partial(begun, tmp_path, 1), *ENDLESS, presses=2)
    assert done.returncode == 130
    [first, second] = done.stderr.splitlines()
    assert first == LINE
    assert "interrupted" in second
    [run] = store(tmp_path).runs()
    assert run.status == "KILLED"
    assert epochs(tmp_path, run) == 0


@pytest.mark.parametrize("send", [os.killpg, os.kill], ids=["the group", "the parent alone"])
def test_once_lets_the_runs_of_a_sweep_end_their_epochs(
    tmp_path: Path, send: Callable[[int, int], None]
) -> None:
    done = interrupt_when(tmp_path, partial(begun, tmp_path, 2), *SWEEP, *LONG, send=send)
    assert done.returncode == 130
    assert done.stderr.count(LINE) == 1
    assert "Traceback" not in done.stderr
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "KILLED"
    runs = store(tmp_path).children(parent.run_id)
    assert [run.status for run in runs] == ["KILLED"] * 2  # and two never started
    assert all(epochs(tmp_path, run) >= 1 for run in runs)


SLOW_CALLBACK = """
import time, weakref
from experiments.cli.entry import command

class Slow:
    pass

def last(*_):
    print("begun", flush=True)
    time.sleep(1000)

@command()
def main():
    slow = Slow()
    finalizer = weakref.ref(slow, last)
    del slow
    time.sleep(1000)

main()
"""


def begun_in_a_callback(script: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_in_the_callback_of_a_weak_reference_is_not_lost(
    number: signal.Signals, status: int
) -> None:
    process = begun_in_a_callback(SLOW_CALLBACK)
    process.send_signal(number)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == status
    assert "interrupted" in errors
    assert len(errors.splitlines()) == 1


def test_an_interrupt_in_a_callback_does_not_disturb_the_end() -> None:
    """It is not raised later, after the process has begun to ignore interrupts."""
    ending = SLOW_CALLBACK.replace(
        "    time.sleep(1000)\n\nmain", "    ignore_interrupts()\n    time.sleep(0.2)\n\nmain"
    )
    ending = f"from experiments.runtime.signals import ignore_interrupts\n{ending}"
    process = begun_in_a_callback(ending)
    process.terminate()
    assert process.communicate(timeout=240)[1] == ""
    assert process.returncode == 0


def test_twice_stops_a_sweep_now(tmp_path: Path) -> None:
    done = interrupt_when(
        tmp_path, partial(begun, tmp_path, 2), *SWEEP, *ENDLESS, presses=2, send=os.kill
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    [parent] = store(tmp_path).sweeps()
    runs = store(tmp_path).children(parent.run_id)
    assert [run.status for run in (parent, *runs)] == ["KILLED"] * 3
    assert all(epochs(tmp_path, run) == 0 for run in runs)


def piped_to_head(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A training whose output nobody reads after the first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments.train", *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    return process


def test_a_run_goes_on_when_the_reader_of_its_output_leaves(tmp_path: Path) -> None:
    process = piped_to_head(tmp_path, "experiment=xor", "epochs=50")
    _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors) == (0, "")
    [run] = store(tmp_path).runs()
    assert (run.status, epochs(tmp_path, run)) == ("FINISHED", 50)


def test_a_run_without_a_reader_stops_after_its_epoch(tmp_path: Path) -> None:
    """``train | tee log``: Ctrl-C reaches both, and ``tee`` ends first."""
    process = piped_to_head(tmp_path, *LONG)
    wait_for(partial(begun, tmp_path, 1), process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors.splitlines()[0]) == (130, LINE)
    [run] = store(tmp_path).runs()
    assert (run.status, run.tags.get("nnscratch.error")) == ("KILLED", None)
    assert epochs(tmp_path, run) >= 1
