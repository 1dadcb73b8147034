"""resume=true: nothing is trained twice, and a stopped run ends as if it had never stopped."""

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from composing import config
from gate import Gate
from harness import checkpoints, logged_epochs, start, store, train, wait_for

from experiments.errors import RunInUse
from experiments.runs.summary import RunSummary
from experiments.training.report import Silent
from experiments.training.run import run as train_here
from nnscratch import load_checkpoint

# What has a state of its own: two generators, statistics, moments, an average, a patience.
EVERYTHING = (
    "data=digits",
    "model.hidden=[16]",
    "model.dropout=0.2",
    "model.batch_norm=true",
    "ema_decay=0.9",
    "early_stopping.patience=100",
    "schedule=cosine",
    "batch_size=4",
)


def digest(run: RunSummary) -> str:
    return run.tags["nnscratch.weights_digest"]


def epochs_of(folder: Path, run: RunSummary) -> list[int]:
    return [step for step, _ in store(folder).history(run.run_id, "train_loss")]


def kill_after(folder: Path, epoch: int, *arguments: str) -> None:
    """SIGKILL for the whole process group, once this epoch is logged."""
    process = start(folder, *arguments, *Gate(folder, epoch).overrides)
    wait_for(lambda: max(logged_epochs(folder), default=0) >= epoch, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_killed_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir()
    killed.mkdir()
    assert train(undisturbed, *EVERYTHING, "epochs=20").returncode == 0
    for epoch in (3, 17):
        kill_after(killed, epoch, *EVERYTHING, "epochs=20", "resume=true")
    done = train(killed, *EVERYTHING, "epochs=20", "resume=true")
    assert done.returncode == 0, done.stderr
    assert "is KILLED now" in done.stderr
    [expected], [run] = store(undisturbed).runs(), store(killed).runs()
    assert digest(run) == digest(expected)
    assert run.status == "FINISHED"
    assert run.metrics["test_accuracy"] == expected.metrics["test_accuracy"]
    assert epochs_of(killed, run) == list(range(1, 21))
    seconds = [value for _, value in store(killed).history(run.run_id, "epoch_seconds")]
    assert run.training_seconds == pytest.approx(sum(seconds)), "not of the time that it lay dead"
    for metric in ("val_loss", "best_val_accuracy"):
        assert store(killed).history(run.run_id, metric) == store(undisturbed).history(
            expected.run_id, metric
        )


def test_what_the_journal_of_a_killed_run_holds_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its store was locked: the journal alone knows the later epochs, and that it finished."""
    arguments = ("data=digits", "model.hidden=[16]", "epochs=6")
    gate = Gate(tmp_path, 3)
    process = start(tmp_path, *arguments, *gate.overrides)
    wait_for(lambda: checkpoints(tmp_path, "epoch_0003.npz"), process)
    with closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        gate.open()
        [entries] = tmp_path.glob("mljournal/*/entries.jsonl")
        wait_for(lambda: '"op": "end"' in entries.read_text(), process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    monkeypatch.chdir(tmp_path)
    train_here(config(*arguments, "resume=true"), name="again", report=Silent())
    [run] = store(tmp_path).runs()
    assert run.status == "FINISHED"
    assert epochs_of(tmp_path, run) == list(range(1, 7))


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    xor = ("experiment=xor", "epochs=2", "resume=true")
    assert train(tmp_path, *xor).returncode == 0
    done = train(tmp_path, *xor)
    assert done.returncode == 0
    [run] = store(tmp_path).runs()
    assert f"run {run.run_id[:8]} has finished already" in done.stdout
    # A larger sweep counts it as its own, and as one run although it is named twice.
    done = train(tmp_path, "-m", *xor, "seed=0,0,1")
    assert done.returncode == 0, done.stderr
    [sweep] = store(tmp_path).sweeps()
    assert sweep.status == "FINISHED"
    assert len(store(tmp_path).runs()) == 2
    assert run.run_id in {child.run_id for child in store(tmp_path).children(sweep.run_id)}
    # Also after one of its combinations was trained alone once more.
    assert train(tmp_path, *xor[:2], "seed=1").returncode == 0
    done = train(tmp_path, "-m", *xor, "seed=0,0,1")
    assert done.returncode == 0, done.stderr
    assert "2/2" in done.stdout
    [sweep] = store(tmp_path).sweeps()
    assert sweep.status == "FINISHED"
    assert len(store(tmp_path).children(sweep.run_id)) == 2


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_a_finished_run_without_its_artifacts_is_trained_again(
    tmp_path: Path, content: bytes | None
) -> None:
    xor = ("experiment=xor", "epochs=2", "resume=true")
    assert train(tmp_path, *xor).returncode == 0
    [before], [best] = store(tmp_path).runs(), checkpoints(tmp_path, "best.npz")
    best.unlink()
    if content is not None:
        best.write_bytes(content)
    done = train(tmp_path, *xor)
    assert done.returncode == 0, done.stderr
    assert "missing or empty: it is trained again" in done.stdout
    [run] = store(tmp_path).runs()
    assert (run.run_id, run.status, digest(run)) == (before.run_id, "FINISHED", digest(before))
    assert epochs_of(tmp_path, run) == [1, 2]
    load_checkpoint(best)


def test_a_diverged_run_fails_again(tmp_path: Path) -> None:
    diverging = ("data=digits", "optimizer=sgd", "optimizer.learning_rate=1e30")
    assert train(tmp_path, *diverging).returncode == 1
    done = train(tmp_path, *diverging, "resume=true")
    assert done.returncode == 1
    assert "it would diverge again" in done.stderr
    assert len(store(tmp_path).runs()) == 1


def test_of_two_equal_runs_that_begin_together_one_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiments.training.resume._PATIENCE", 240.0)
    xor = config("experiment=xor", "epochs=2", "resume=true")
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(train_here, xor, name="xor", report=Silent()) for _ in range(2)]
    accuracies = {run.result() for run in both}
    [run] = store(tmp_path).runs()
    assert accuracies == {run.val_accuracy}


def test_a_run_that_is_being_trained_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("data=digits", "epochs=100000", "batch_size=1", "resume=true")
    process = start(tmp_path, *arguments)
    wait_for(lambda: checkpoints(tmp_path, "epoch_0001.npz"), process)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiments.training.resume._PATIENCE", 0.0)
    with pytest.raises(RunInUse, match="is being trained on"):
        train_here(config(*arguments), name="again", report=Silent())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.timeout(600)
def test_a_sweep_killed_five_times_ends_like_one_that_was_never_killed(tmp_path: Path) -> None:
    sweep = ("-m", "data=digits", "model.hidden=[16]", "model.dropout=0.1", "batch_size=8")
    sweep = (*sweep, "epochs=24", "seed=range(4)", "hydra.launcher.n_jobs=2")
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir()
    killed.mkdir()
    assert train(undisturbed, *sweep).returncode == 0

    def logged(epoch: int) -> bool:
        return len(checkpoints(killed, f"epoch_{epoch:04d}.npz")) >= 2

    for epoch in (1, 6, 13, 14, 23):
        process = start(killed, *sweep, "resume=true", *Gate(killed, epoch).overrides)
        wait_for(partial(logged, epoch), process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    last = train(killed, *sweep, "resume=true")
    assert last.returncode == 0, last.stderr
    assert "KILLED" not in last.stdout, "what a run came to before is not what it has come to now"
    assert len([line for line in last.stdout.splitlines() if "%  seed=" in line]) == 4
    [parent] = store(killed).sweeps()
    assert parent.status == "FINISHED"
    expected = {run.params["seed"]: digest(run) for run in store(undisturbed).runs()}
    found = store(killed).runs()
    assert {run.params["seed"]: digest(run) for run in found} == expected
    assert len(found) == 4
    assert {run.status for run in found} == {"FINISHED"}
    for run in found:
        assert epochs_of(killed, run) == list(range(1, 25))
    assert list((killed / "mljournal").iterdir()) == []
