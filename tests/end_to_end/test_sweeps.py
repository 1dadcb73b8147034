"""Sweeps: real Hydra multiruns in parallel processes, with a real store."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from gate import Gate
from harness import (
    checkpoint,
    checkpoints,
    command,
    fresh_command,
    interrupt_when,
    start,
    store,
    train,
    wait_for,
    workers_of,
)

from experiments.runs.summary import RunSummary
from nnscratch import Linear, load_checkpoint

SMALL = ("data=digits", "epochs=2", "model.hidden=[16]")


def child(children: list[RunSummary], **factors: str) -> RunSummary:
    """The one child with these parameters (``model_init="zeros"``)."""
    wanted = {key.replace("_", ".", 1): value for key, value in factors.items()}
    [found] = [run for run in children if wanted.items() <= run.params.items()]
    return found


@pytest.fixture(scope="module")
def mnist_sweep(
    tmp_path_factory: pytest.TempPathFactory, mnist_folder: Path
) -> tuple[Path, RunSummary, list[RunSummary]]:
    """The sweep of the README on real MNIST: its folder, its parent, its eight runs."""
    folder = tmp_path_factory.mktemp("sweep")
    done = fresh_command(
        folder,
        "experiments.train",
        "-m",
        "model.init=zeros,he_normal",
        "model.activation=relu,sigmoid",
        "optimizer=sgd,adam",
        "epochs=3",
        NNSCRATCH_DATA=str(mnist_folder),
    )
    assert done.returncode == 0, done.stderr
    assert "8/8" in done.stdout
    [parent] = store(folder).sweeps()
    return folder, parent, store(folder).children(parent.run_id)


def test_every_combination_finished_below_one_parent(mnist_sweep) -> None:
    folder, parent, children = mnist_sweep
    assert parent.status == "FINISHED"
    assert [run.status for run in children] == ["FINISHED"] * 8
    keys = ("model.init", "model.activation", "optimizer.name")
    assert len({tuple(run.params[key] for key in keys) for run in children}) == 8
    assert len(store(folder).runs()) == 8


def test_zeros_refuse_to_train(mnist_sweep) -> None:
    """ReLU: no weight ever changes, always class 1. Sigmoid: copies of one neuron."""
    folder, _, children = mnist_sweep
    for optimizer in ("sgd", "adam"):
        dead = child(
            children, model_init="zeros", model_activation="relu", optimizer_name=optimizer
        )
        assert dead.metrics["test_accuracy"] == pytest.approx(0.1135, abs=1e-12)
        copied = child(
            children, model_init="zeros", model_activation="sigmoid", optimizer_name=optimizer
        )
        # Exactly one in exact arithmetic. Some BLAS kernels round the columns at the edge of a
        # tile differently, and Adam amplifies that: to five neurons with OpenBLAS's kernel for
        # Haswell, which reach 52 % accuracy instead of 27 %.
        [first, *_] = load_checkpoint(checkpoint(store(folder), copied.run_id, "last")).layers
        assert isinstance(first, Linear)
        assert len(np.unique(first.weights, axis=1).T) <= 8 < first.fan_out
    assert copied.metrics["test_accuracy"] < 0.7


def test_he_relu_and_adam_learn(mnist_sweep) -> None:
    _, _, children = mnist_sweep
    best = child(children, model_init="he_normal", model_activation="relu", optimizer_name="adam")
    assert best.metrics["test_accuracy"] > 0.965
    assert best.val_accuracy == max(run.val_accuracy for run in children)


def test_the_parent_has_pictures_and_a_table(mnist_sweep) -> None:
    folder, parent, children = mnist_sweep
    root = folder / "mlartifacts" / parent.run_id / "artifacts"
    pictures = {file.stem for file in (root / "plots").iterdir()}
    assert pictures == {"sweep_curves", "heat_map", "accuracy_and_time"}
    table = json.loads((root / "leaderboard.json").read_text())
    assert table["columns"][:4] == ["rank", "model.activation", "model.init", "optimizer.name"]
    assert len(table["data"]) == 8
    assert table["data"][0][-1] == max(children, key=lambda run: run.val_accuracy).run_id


def test_the_leaderboard_prints_it_again(mnist_sweep) -> None:
    folder, parent, children = mnist_sweep
    shown = command(folder, "experiments.leaderboard").stdout
    assert parent.run_id in shown
    assert "he_normal" in shown
    choice = ("--sweep", parent.run_id[:10], "--top", "3", "--format", "json")
    done = command(folder, "experiments.leaderboard", *choice)
    rows = json.loads(done.stdout)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    accuracies = sorted((run.val_accuracy for run in children), reverse=True)[:3]
    assert [row["val_accuracy"] for row in rows] == accuracies
    assert rows[0]["factors"]["optimizer.name"] == "adam"


def test_weights_are_equal_alone_in_a_serial_and_in_a_parallel_sweep(tmp_path: Path) -> None:
    sweep = ("-m", "optimizer=sgd,adam", *SMALL)
    alone, serial, parallel = (tmp_path / name for name in ("alone", "serial", "parallel"))
    for folder, arguments in (
        (alone, ("optimizer=adam", *SMALL)),
        (serial, (*sweep, "launcher=serial")),
        (parallel, (*sweep, "launcher=local")),
    ):
        folder.mkdir()
        done = train(folder, *arguments)
        assert done.returncode == 0, done.stderr
    digests, configs = set(), set()
    for folder in (alone, serial, parallel):
        run = child(store(folder).runs(), optimizer_name="adam")
        digests.add(run.tags["nnscratch.weights_digest"])
        configs.add(run.tags["nnscratch.config_digest"])
    assert len(digests) == len(configs) == 1
    other = child(store(serial).runs(), optimizer_name="sgd")
    assert other.tags["nnscratch.weights_digest"] not in digests


def test_one_diverging_run_does_not_stop_the_others(tmp_path: Path) -> None:
    done = train(
        tmp_path, "-m", *SMALL, "optimizer=sgd", "optimizer.learning_rate=1e30,0.1", "seed=0,1"
    )
    assert done.returncode == 1
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "FAILED"
    states = sorted(run.status for run in store(tmp_path).children(parent.run_id))
    assert states == ["FAILED", "FAILED", "FINISHED", "FINISHED"]
    assert "diverged" in done.stdout
    assert done.stderr.count("at learning rate 1e+30") == 2
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_parent_and_children(tmp_path: Path) -> None:
    def training() -> bool:
        return len(checkpoints(tmp_path, "epoch_0002.npz")) >= 2

    done = interrupt_when(
        tmp_path,
        training,
        "-m",
        "data=digits",
        "epochs=100000",
        "seed=0,1,2,3",
        "hydra.launcher.n_jobs=2",
    )
    assert done.returncode == 130
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "KILLED"
    children = store(tmp_path).children(parent.run_id)
    assert {run.status for run in children} == {"KILLED"}
    for run in children:
        steps = [step for step, _ in store(tmp_path).history(run.run_id, "val_loss")]
        assert steps == list(range(1, len(steps) + 1))


def test_a_killed_worker_costs_only_its_own_run(tmp_path: Path) -> None:
    def training() -> list[int]:
        if len(checkpoints(tmp_path, "epoch_0002.npz")) < 2:
            return []
        return [worker.pid for worker in workers_of(process)]

    gate = Gate(tmp_path, 2)
    sweep = ("-m", *SMALL[:1], "epochs=10", "seed=range(4)", "hydra.launcher.n_jobs=2")
    process = start(tmp_path, *sweep, *gate.overrides)
    os.kill(wait_for(training, process)[0], signal.SIGKILL)
    gate.open()
    _, err = process.communicate(timeout=240)
    assert process.returncode == 1
    [line] = err.strip().splitlines()
    assert "its worker process was killed (SIGKILL)" in line
    assert "resume=true runs it again" in line
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "FAILED"
    runs = store(tmp_path).children(parent.run_id)
    [dead] = [run for run in runs if run.status != "FINISHED"]
    assert len(runs) == 4
    assert dead.status == "FAILED"
    assert line.startswith(f"{dead.name}: ")
    assert dead.tags["nnscratch.error"]


def test_a_sweep_whose_summary_fails_has_failed(tmp_path: Path) -> None:
    """In the middle of the runs, a file takes the place of the folder for artifacts."""
    process = start(tmp_path, "-m", "data=digits", "epochs=100000", "seed=0,1")
    wait_for(lambda: len(checkpoints(tmp_path, "epoch_0002.npz")) == 2, process)
    (tmp_path / "mlartifacts").rename(tmp_path / "aside")
    (tmp_path / "mlartifacts").write_text("in the way")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in errors
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "FAILED"
    assert {run.status for run in store(tmp_path).children(parent.run_id)} == {"FAILED"}


def test_a_second_ctrl_c_keeps_the_summary(tmp_path: Path) -> None:
    def training() -> bool:
        return len(checkpoints(tmp_path, "epoch_0002.npz")) >= 2

    done = interrupt_when(
        tmp_path, training, "-m", "data=digits", "epochs=100000", "seed=0,1", presses=2
    )
    assert done.returncode == 130
    [parent] = store(tmp_path).sweeps()
    assert parent.status == "KILLED"
    assert (tmp_path / "mlartifacts" / parent.run_id / "artifacts" / "leaderboard.json").is_file()


@pytest.mark.parametrize("sweep", ["model.hidden=[16],[32,16]", "seed=range(2)"])
def test_lists_and_ranges_are_swept(tmp_path: Path, sweep: str) -> None:
    done = train(tmp_path, "-m", "experiment=xor", "epochs=1", "launcher=serial", sweep)
    assert done.returncode == 0, done.stderr
    names = {run.name for run in store(tmp_path).runs()}
    assert names in ({"model.hidden=[16]", "model.hidden=[32,16]"}, {"seed=0", "seed=1"})


def test_sweeps_that_start_together_on_a_fresh_store(tmp_path: Path) -> None:
    """Three processes and their workers race for the migration of one new database."""
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        runs = [
            pool.submit(
                train, tmp_path, "-m", "experiment=xor", "epochs=1", f"seed={2 * n},{2 * n + 1}"
            )
            for n in range(3)
        ]
    for run in runs:
        assert run.result().returncode == 0, run.result().stderr
    assert len(store(tmp_path).sweeps()) == 3
    assert [run.status for run in store(tmp_path).runs()] == ["FINISHED"] * 6


OWN_LESSON = """
class Own:
    def check(self, combinations):
        assert {combination["seed"] for combination in combinations} == {0, 1}

    def tell(self, sweep, store, tracker):
        print("a lesson of", len(store.children(sweep.run_id)), "runs")
        return False

LESSON = Own()
"""


@pytest.mark.parametrize(
    ("lesson", "status", "said"),
    [
        ("mine.LESSON", 1, "a lesson of 2 runs"),
        ("mine.NONE", 2, "hydra.callbacks.sweep.lesson=mine.NONE: expected the name of a lesson"),
    ],
)
def test_a_preset_of_your_own_names_its_lesson(
    tmp_path: Path, lesson: str, status: int, said: str
) -> None:
    (tmp_path / "mine.py").write_text(OWN_LESSON)
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "mine.yaml").write_text(
        "# @package _global_\nhydra:\n  mode: MULTIRUN\n  sweeper: {params: {seed: range(2)}}\n"
        f"  callbacks: {{sweep: {{lesson: {lesson}}}}}\n"
    )
    tiny = ("experiment=xor", "epochs=1", "launcher=serial")
    done = train(tmp_path, "--config-dir", ".", "sweep=mine", *tiny)
    assert done.returncode == status
    assert said in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == status - 1
