"""A network that learns somebody's signs, beside what it knew; the child run that keeps it."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from harness import artifact, checkpoint, command, store, train
from mlflow import MlflowClient

from experiments.datasets import load
from experiments.drawings.collection import Drawing, OwnDrawings
from experiments.errors import TeachingError
from experiments.runs.tags import DRAWINGS
from experiments.tracking import RunStore
from experiments.training.fine_tuning import STEPS, drawn_once
from experiments.training.teaching import teach, tune
from nnscratch import SoftmaxCrossEntropyLoss, load_checkpoint
from nnscratch.inspection.calibration import Calibration, calibration_of

# Two signs that nobody else would read as digits, each drawn five times.
SIGNS = {
    3: [[(0, 0), (100, 100), (0, 100), (100, 0)]],
    8: [[(0, 0), (0, 100), (100, 100), (100, 0)], [(50, 0), (50, 50)]],
}


def drawings(times: int = 5) -> OwnDrawings:
    rng = np.random.default_rng(0)

    def drawn(sign: list[list[tuple[int, int]]]) -> list[np.ndarray]:
        return [np.array(stroke) + rng.normal(0, 4, (len(stroke), 2)) for stroke in sign]

    signs = SIGNS.items()
    return OwnDrawings([Drawing(drawn(sign), label) for _ in range(times) for label, sign in signs])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with one run, in the working directory."""
    folder = tmp_path_factory.mktemp("taught")
    done = train(folder, "data=digits", "model.hidden=[32]", "epochs=8")
    assert done.returncode == 0, done.stderr
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def runs(folder: Path) -> RunStore:
    return store(folder)


def test_a_child_run_keeps_the_tuned_network(runs: RunStore) -> None:
    [run] = runs.runs()
    own = drawings()
    taught = teach(runs, run.run_id, own)
    assert taught is not None
    assert taught.own is not None
    assert taught.own.after > max(taught.own.before, 0.7)
    assert taught.test.after > taught.test.before - 0.03

    [child] = runs.runs("tuned")
    assert (child.run_id, child.parent, child.status) == (taught.run_id, run.run_id, "FINISHED")
    assert child.metrics["own_accuracy_before"] == taught.own.before
    assert child.metrics["own_accuracy"] == taught.own.after
    assert child.metrics["test_accuracy_before"] == taught.test.before
    assert child.metrics["test_accuracy"] == taught.test.after
    assert child.tags[DRAWINGS] == own.version
    assert child.params["model.hidden"] == run.params["model.hidden"]
    assert child.params["teaching.drawings"] == "8"
    assert child.params["teaching.held_back"] == "2"
    kept = load_checkpoint(checkpoint(runs, child.run_id))
    np.testing.assert_array_equal(kept.state, taught.network.state)
    assert artifact(runs, child.run_id, "model/MLmodel").is_file()
    kept_drawings = artifact(runs, child.run_id, "drawings/drawings.json")
    assert kept_drawings.read_text(encoding="utf-8") == own.to_json()
    validation = load("digits", val_fraction=0.1, seed=0).validation
    calibration = artifact(runs, child.run_id, "calibration.json").read_text()
    assert Calibration.from_json(calibration) == calibration_of(taught.network, validation)


def test_a_taught_run_lists_its_drawings_among_its_data(runs: RunStore) -> None:
    [run] = runs.runs()
    own = drawings()
    taught = teach(runs, run.run_id, own)
    assert taught is not None
    inputs = MlflowClient(runs.uri).get_run(taught.run_id).inputs
    assert inputs is not None
    data = {entry.dataset.name: entry for entry in inputs.dataset_inputs}
    assert set(data) == {"digits", "own_drawings"}
    assert data["own_drawings"].dataset.digest == own.version
    tags = {tag.key: tag.value for tag in data["own_drawings"].tags}
    assert tags["train_samples"] == "8"
    assert tags["held_back_samples"] == "2"


def test_a_taught_run_can_be_taught_again(runs: RunStore) -> None:
    [run] = runs.runs()
    once = teach(runs, run.run_id, drawings(1))
    assert once is not None
    again = teach(runs, once.run_id, drawings())
    assert again is not None
    assert runs.run(again.run_id).parent == once.run_id
    assert not np.array_equal(again.network.state, once.network.state)


def test_rerun_refuses_a_tuned_run_and_names_its_parent(runs: RunStore, folder: Path) -> None:
    [run] = runs.runs()
    taught = teach(runs, run.run_id, drawings(1))
    assert taught is not None
    done = command(folder, "experiments.rerun", taught.run_id)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "taught from drawings" in line
    assert run.run_id in line


def test_tuned_runs_are_not_listed_as_trainings(runs: RunStore) -> None:
    [run] = runs.runs()
    assert teach(runs, run.run_id, drawings(1)) is not None
    assert runs.runs() == [run]
    assert runs.best_run() == run


def test_few_drawings_are_all_trained_on(runs: RunStore) -> None:
    [run] = runs.runs()
    taught = teach(runs, run.run_id, drawings(2))
    assert taught is not None
    assert taught.own is None
    assert "own_accuracy" not in runs.run(taught.run_id).metrics


def test_the_same_drawings_give_the_same_weights(runs: RunStore) -> None:
    [run] = runs.runs()
    network = load_checkpoint(checkpoint(runs, run.run_id))
    before = network.state.copy()
    first, second = (
        tune(network, SoftmaxCrossEntropyLoss(), drawings(), drawn_once(drawings().drawings))
        for _ in range(2)
    )
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.state, second.state)
    np.testing.assert_array_equal(network.state, before)


@pytest.mark.parametrize("steps", [1, STEPS // 2])
def test_stopped_teaching_logs_nothing(runs: RunStore, steps: int) -> None:
    [run] = runs.runs()
    before = len(runs.runs("tuned"))
    asked = count(1)
    assert teach(runs, run.run_id, drawings(), stopped=lambda: next(asked) >= steps) is None
    assert next(asked) == steps + 1
    assert len(runs.runs("tuned")) == before


def test_teaching_without_drawings_is_refused(runs: RunStore) -> None:
    [run] = runs.runs()
    with pytest.raises(TeachingError, match="no drawings to learn from yet"):
        teach(runs, run.run_id, OwnDrawings([]))


def test_a_run_without_a_config_is_refused(folder: Path, tmp_path: Path) -> None:
    runs = store(folder)
    [run] = runs.runs()
    config = artifact(runs, run.run_id, "config/config.yaml")
    kept = shutil.move(config, tmp_path)
    config.write_text("data: nonsense\n")
    with pytest.raises(TeachingError, match=rf"{run.name} can't be taught: .*data.name=nonsense"):
        teach(runs, run.run_id, drawings())
    shutil.move(kept, config)
