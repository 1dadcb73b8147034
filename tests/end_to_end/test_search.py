"""Searches: real Optuna studies over real trainings in parallel processes."""

import os
import shlex
import signal
from functools import partial
from pathlib import Path

import optuna
import pytest
import yaml
from gate import Gate
from harness import (
    asked_to_stop,
    checkpoints,
    command,
    fresh_command,
    start,
    store,
    train,
    wait_for,
    workers_of,
)
from optuna.trial import TrialState
from PIL import Image

from experiments.runs.summary import RunSummary

SMALL = ("data=digits", "epochs=3", "model.hidden=[16]")
EPOCHS = 8
LONG = ("data=digits", f"epochs={EPOCHS}", "model.hidden=[16]")


def search(folder: Path, space: str, *arguments: str):
    return command(folder, "experiments.search", *space_of(folder, space), *arguments)


def space_of(folder: Path, space: str) -> tuple[str, ...]:
    """A search space of the user's own: a file in a folder beside ``conf``."""
    (folder / "search").mkdir(exist_ok=True)
    (folder / "search" / "mine.yaml").write_text(f"space: {space}\n")
    return "--config-dir", ".", "search=mine"


def study(folder: Path) -> optuna.Study:
    storage = f"sqlite:///{folder / 'optuna.db'}"
    [name] = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=name, storage=storage)


def only_search(folder: Path) -> RunSummary:
    return store(folder).latest_sweep()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory):
    """Zeros are hopeless: the folder, the trials' runs, and what was printed."""
    folder = tmp_path_factory.mktemp("search")
    space = """
      model.init: {choices: [he_normal, zeros]}
      optimizer: {choices: [sgd, adam]}
      optimizer.momentum: {low: 0.5, high: 0.95, when: {optimizer: sgd}}"""
    settings = ("search.trials=8", "search.startup_trials=2", "search.n_jobs=1")
    typed = (*space_of(folder, space), *SMALL, *settings)
    done = fresh_command(folder, "experiments.search", *typed)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder, store(folder).children(only_search(folder).run_id), done.stdout


def test_bad_trials_are_pruned_and_marked(found) -> None:
    folder, runs, shown = found
    assert len(runs) == 8
    pruned = [run for run in runs if run.pruned]
    assert {"zeros"} <= {run.params["model.init"] for run in pruned}
    assert f"{len(pruned)} pruned" in shown
    for run in pruned:
        assert run.status == "KILLED"
        assert len(store(folder).history(run.run_id, "val_accuracy")) < 3
    others = [run for run in runs if not run.pruned]
    assert {run.status for run in others} == {"FINISHED"}
    states = [trial.state for trial in study(folder).trials]
    assert states.count(TrialState.PRUNED) == len(pruned)
    assert states.count(TrialState.COMPLETE) == len(others)


def test_a_condition_is_kept(found) -> None:
    _, runs, _ = found
    for run in runs:
        assert ("optimizer.momentum" in run.params) == (run.params["optimizer.name"] == "sgd")
    assert {run.params["optimizer.name"] for run in runs} == {"sgd", "adam"}


def test_the_parent_has_pictures_and_the_best_config(found) -> None:
    folder, runs, _ = found
    parent = only_search(folder)
    assert parent.status == "FINISHED"
    root = folder / "mlartifacts" / parent.run_id / "artifacts"
    for name in ("history", "parallel_coordinates", "importances"):
        with Image.open(root / "plots" / f"{name}.png") as picture:
            assert min(picture.size) > 200
    best = max((run for run in runs if not run.pruned), key=lambda run: run.val_accuracy)
    overrides = yaml.safe_load((root / "best.yaml").read_text())
    assert f"optimizer={best.params['optimizer.name']}" in overrides
    listed = command(folder, "experiments.leaderboard", "--sweep", parent.run_id[:10])
    assert "pruned" in listed.stdout


def test_the_printed_command_trains_the_best_trial_again(found, tmp_path: Path) -> None:
    _, runs, shown = found
    [line] = [line for line in shown.splitlines() if line.startswith("train it in full: ")]
    typed = shlex.split(line.partition("experiments.train ")[2])
    assert train(tmp_path, *typed).returncode == 0
    [again] = store(tmp_path).runs()
    best = max((run for run in runs if not run.pruned), key=lambda run: run.val_accuracy)
    for digest in ("nnscratch.config_digest", "nnscratch.weights_digest"):
        assert again.tags[digest] == best.tags[digest]


def test_a_resumed_search_chooses_like_one_that_never_stopped(tmp_path: Path) -> None:
    space = "{optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}}"
    xor = ("experiment=xor", "epochs=2", "search.startup_trials=2", "search.n_jobs=1")
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    whole.mkdir()
    halves.mkdir()
    assert search(whole, space, *xor, "search.trials=3").returncode == 0
    for trials in (2, 3):
        assert search(halves, space, *xor, f"search.trials={trials}").returncode == 0
    expected = [(trial.params, trial.value) for trial in study(whole).trials]
    assert [(trial.params, trial.value) for trial in study(halves).trials] == expected
    assert len(store(halves).children(only_search(halves).run_id)) == 3


def test_a_killed_search_ends_with_the_wanted_number_of_trials(tmp_path: Path) -> None:
    """Random and Hyperband, two at a time; every run is resumed and none is trained twice."""
    space = "{seed: {low: 0, high: 1000}, model.dropout: {low: 0.0, high: 0.3}}"
    settings = ("search.trials=4", "search.sampler=random", "search.pruner=hyperband")
    arguments = (*space_of(tmp_path, space), *LONG, *settings, "search.n_jobs=2")
    for epoch in (2, 5):
        gate = Gate(tmp_path, epoch)
        process = start(tmp_path, *arguments, *gate.overrides, module="experiments.search")
        wait_for(partial(checkpoints, tmp_path, f"epoch_{epoch:04d}.npz"), process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    done = command(tmp_path, "experiments.search", *arguments)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 trials" in done.stdout
    trials = study(tmp_path).trials
    assert {trial.state for trial in trials} <= {
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
    }
    over = [trial for trial in trials if trial.state != TrialState.FAIL]
    runs = store(tmp_path).children(only_search(tmp_path).run_id)
    assert len(over) == len(runs) == len(store(tmp_path).runs()) == 4
    assert {int(run.params["seed"]) for run in runs} == {trial.params["seed"] for trial in over}
    for run in runs:
        steps = [step for step, _ in store(tmp_path).history(run.run_id, "val_accuracy")]
        assert steps == list(range(1, len(steps) + 1))
        assert (run.status, len(steps)) == ("FINISHED", EPOCHS) or run.pruned


def test_a_killed_worker_costs_no_trial(tmp_path: Path) -> None:
    space = "{seed: {choices: [0, 1]}}"
    settings = ("search.trials=2", "search.pruner=none", "search.n_jobs=1")
    arguments = (*space_of(tmp_path, space), *LONG, *settings)
    gate = Gate(tmp_path, 2)
    process = start(tmp_path, *arguments, *gate.overrides, module="experiments.search")
    wait_for(lambda: checkpoints(tmp_path, "epoch_0002.npz"), process)
    [worker] = workers_of(process)
    worker.kill()
    gate.open()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "SIGKILL" in err
    assert "tried again" in err
    assert "2 of 2 trials: 2 finished" in out
    runs = store(tmp_path).children(only_search(tmp_path).run_id)
    assert {run.status for run in runs} == {"FINISHED"}


def test_the_same_command_resumes_after_ctrl_c(tmp_path: Path) -> None:
    space = "{seed: {low: 0, high: 1000}}"
    arguments = (*space_of(tmp_path, space), *LONG, "search.trials=2", "search.n_jobs=2")
    gate = Gate(tmp_path, 2)
    process = start(tmp_path, *arguments, *gate.overrides, module="experiments.search")
    wait_for(lambda: checkpoints(tmp_path, "epoch_0002.npz"), process)
    os.killpg(process.pid, signal.SIGINT)
    wait_for(lambda: asked_to_stop(tmp_path), process)
    gate.open()
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "the same command continues" in err
    assert "Traceback" not in err
    assert only_search(tmp_path).status == "KILLED"
    done = command(tmp_path, "experiments.search", *arguments)
    assert done.returncode == 0, done.stderr
    assert [run.status for run in store(tmp_path).runs()] == ["FINISHED"] * 2
    assert only_search(tmp_path).status == "FINISHED"


def test_a_diverged_trial_is_counted_and_is_no_failure(tmp_path: Path) -> None:
    space = "{optimizer.learning_rate: {choices: [0.1, 1e30]}}"
    settings = ("search.trials=4", "search.sampler=random", "search.n_jobs=1")
    done = search(tmp_path, space, *SMALL, "optimizer=sgd", *settings)
    assert done.returncode == 0, done.stderr
    runs = store(tmp_path).runs()
    diverged = sum(run.diverged for run in runs)
    assert 0 < diverged < 4
    assert f"{diverged} diverged" in done.stdout


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("-m",), "no sweep"),
        (("experiment=xor", "search=quick", "search.storage=sqlite:///mlflow.db"), "its own"),
    ],
)
def test_a_command_that_cannot_work_ends_with_status_2(
    mistake: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = command(tmp_path, "experiments.search", *mistake)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr
