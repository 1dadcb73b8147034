"""Sweeps: real Hydra multiruns in parallel processes, on a real store."""

import json
from pathlib import Path

import pytest
from harness import command, interrupt_when, store, train
from PIL import Image

from experiments.tracking import RunSummary

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
    done = train(
        folder,
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
    """ReLU: no weight ever moves, always class 1. Sigmoid: one neuron, copied."""
    _, _, children = mnist_sweep
    for optimizer in ("sgd", "adam"):
        dead = child(
            children, model_init="zeros", model_activation="relu", optimizer_name=optimizer
        )
        assert dead.metrics["test_accuracy"] == pytest.approx(0.1135, abs=1e-12)
        copied = child(
            children, model_init="zeros", model_activation="sigmoid", optimizer_name=optimizer
        )
        assert copied.metrics["test_accuracy"] < 0.4


def test_he_relu_and_adam_learn(mnist_sweep) -> None:
    _, _, children = mnist_sweep
    best = child(children, model_init="he_normal", model_activation="relu", optimizer_name="adam")
    assert best.metrics["test_accuracy"] > 0.965
    assert best.val_accuracy == max(run.val_accuracy for run in children)


def test_the_parent_carries_picture_and_table(mnist_sweep) -> None:
    folder, parent, children = mnist_sweep
    root = folder / "mlartifacts" / parent.run_id / "artifacts"
    with Image.open(root / "plots" / "sweep_curves.png") as picture:
        assert min(picture.size) > 400
    table = json.loads((root / "leaderboard.json").read_text())
    assert table["columns"][:4] == ["rank", "model.activation", "model.init", "optimizer.name"]
    assert len(table["data"]) == 8
    assert table["data"][0][-1] == max(children, key=lambda run: run.val_accuracy).run_id


def test_the_leaderboard_prints_it_again(mnist_sweep) -> None:
    folder, parent, children = mnist_sweep
    shown = command(folder, "experiments.leaderboard").stdout
    assert parent.run_id in shown
    assert "he_normal" in shown
    done = command(
        folder, "experiments.leaderboard", "--sweep", parent.run_id[:10], "--top", "3", "--json"
    )
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
    assert "failed" in done.stdout
    assert done.stderr.count("DivergenceError") == 2
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_parent_and_children(tmp_path: Path) -> None:
    def training() -> bool:
        return len(list(tmp_path.rglob("epoch_0002.npz"))) >= 2

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


def test_sweeps_that_start_together_on_a_fresh_store(tmp_path: Path) -> None:
    """Four processes race for the migration of one new database."""
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(
                train, tmp_path, "-m", "experiment=xor", "epochs=1", f"seed={2 * n},{2 * n + 1}"
            )
            for n in range(4)
        ]
    for run in runs:
        assert run.result().returncode == 0, run.result().stderr
    assert len(store(tmp_path).sweeps()) == 4
    assert [run.status for run in store(tmp_path).runs()] == ["FINISHED"] * 8
