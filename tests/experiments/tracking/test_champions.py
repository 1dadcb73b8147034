"""The champion of a data set: who becomes it, who doesn't, and asking for it by name."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from harness import command, place, store, train
from mlflow import MlflowClient

from experiments.errors import RunStoreError
from experiments.sweeps.champions import crown
from experiments.tracking import Tracker
from nnscratch import Dataset, mlp

CHAMPION = "models:/nnscratch-xor@champion"


def logged(
    folder: Path, accuracy: float, *, digest: str = "d1", model: bool = True, failed: bool = False
) -> str:
    """The id of a run on XOR with this validation accuracy, in the store of ``folder``."""
    tracker = Tracker(
        place(folder),
        name=f"{accuracy:.0%}",
        kind="run",
        parameters={"data.name": "xor"},
        tags={"nnscratch.dataset_digest": digest},
    )
    tracker.log_metrics({"best_val_accuracy": accuracy}, step=1)
    if model:
        tracker.log_model(mlp([2, 2, 2]), Dataset(np.zeros((1, 2)), np.zeros(1, int)))
    tracker.end("FAILED" if failed else "FINISHED")
    assert tracker.run_id is not None
    return tracker.run_id


def promotes(folder: Path, run_id: str) -> bool:
    return store(folder).registry.promote(run_id) is not None


def test_only_a_better_run_replaces_the_champion(tmp_path: Path) -> None:
    first, worse, equal, better = (logged(tmp_path, a) for a in (0.75, 0.5, 0.75, 1.0))
    promotion = store(tmp_path).registry.promote(first)
    assert promotion is not None
    assert (promotion.val_accuracy, promotion.before) == (0.75, None)
    assert not promotes(tmp_path, worse)
    assert not promotes(tmp_path, equal)
    assert store(tmp_path).run(CHAMPION).run_id == first
    promotion = store(tmp_path).registry.promote(better)
    assert promotion is not None
    assert (promotion.val_accuracy, promotion.before) == (1.0, 0.75)
    assert store(tmp_path).run(CHAMPION).run_id == better
    assert not promotes(tmp_path, better)
    assert store(tmp_path).run("models:/nnscratch-xor/1").run_id == first
    assert store(tmp_path).run("models:/nnscratch-xor/2").run_id == better


def test_a_run_is_registered_once_although_the_first_process_was_killed(tmp_path: Path) -> None:
    """It had registered the run, but not marked it as the champion."""
    run_id = logged(tmp_path, 0.75)
    assert promotes(tmp_path, run_id)
    client = MlflowClient(store(tmp_path).uri)
    client.delete_registered_model_alias("nnscratch-xor", "champion")
    assert promotes(tmp_path, run_id)
    assert store(tmp_path).run(CHAMPION).run_id == run_id
    assert len(client.search_model_versions("name = 'nnscratch-xor'")) == 1


def test_runs_on_different_data_are_not_compared(tmp_path: Path) -> None:
    old, new = logged(tmp_path, 0.75), logged(tmp_path, 1.0, digest="d2")
    assert promotes(tmp_path, old)
    with pytest.raises(RunStoreError, match="remove the alias champion"):
        promotes(tmp_path, new)
    MlflowClient(store(tmp_path).uri).delete_registered_model_alias("nnscratch-xor", "champion")
    assert promotes(tmp_path, new)


def test_a_champion_whose_run_is_deleted_is_replaced(tmp_path: Path) -> None:
    old, new = logged(tmp_path, 1.0), logged(tmp_path, 0.5)
    assert promotes(tmp_path, old)
    MlflowClient(store(tmp_path).uri).delete_run(old)
    assert promotes(tmp_path, new)


def test_the_best_run_wins_when_sweeps_end_together(tmp_path: Path) -> None:
    accuracies = (0.5, 1.0, 0.75, 0.25)
    runs = {accuracy: logged(tmp_path, accuracy) for accuracy in accuracies}
    stores = [store(tmp_path) for _ in accuracies]
    with ThreadPoolExecutor(len(runs)) as pool:
        list(pool.map(lambda s, a: s.registry.promote(runs[a]), stores, accuracies))
    assert store(tmp_path).run(CHAMPION).run_id == runs[1.0]


def test_an_unfinished_run_is_not_crowned(tmp_path: Path, capsys) -> None:
    logged(tmp_path, 0.5)
    logged(tmp_path, 0.75, failed=True)
    crown(store(tmp_path), store(tmp_path).runs())
    assert capsys.readouterr() == ("", "")
    with pytest.raises(RunStoreError, match="the best run of a sweep becomes one"):
        store(tmp_path).run(CHAMPION)


def test_an_error_of_the_registry_is_one_line(tmp_path: Path, capsys) -> None:
    run = logged(tmp_path, 0.75, model=False)
    crown(store(tmp_path), store(tmp_path).runs())
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"champion of xor: run {run} can't be registered: it has logged no model\n"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which a sweep ran, and what that printed."""
    folder = tmp_path_factory.mktemp("swept")
    done = train(folder, "-m", "experiment=xor", "epochs=2", "seed=0,1", "launcher=serial")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_a_sweep_crowns_its_best_run(swept) -> None:
    folder, printed = swept
    run = store(folder).run(CHAMPION)
    assert run.val_accuracy == max(run.val_accuracy for run in store(folder).runs())
    assert f"champion of xor: run {run.run_id[:8]} ({run.val_accuracy:.2%}, the first)" in printed
    version = MlflowClient(store(folder).uri).get_model_version("nnscratch-xor", "1")
    assert version.source == f"runs:/{run.run_id}/model"
    assert version.tags["dataset_digest"] == run.tags["nnscratch.dataset_digest"]


def test_the_leaderboard_finds_the_sweep_of_a_champion(swept) -> None:
    folder, _ = swept
    done = command(folder, "experiments.leaderboard", "--sweep", CHAMPION, "--format", "json")
    assert store(folder).run(CHAMPION).run_id in json.loads(done.stdout)[0]["runs"]


@pytest.mark.parametrize(
    ("uri", "complaint"),
    [
        ("models:/nnscratch-mnist@champion", f"there are {CHAMPION}"),
        ("models:/nnscratch-xor@nobody", f"there are {CHAMPION}"),
        ("models:/nnscratch-xor/7", f"there are {CHAMPION}"),
        ("models:/nnscratch-xor", "expected models:/NAME@ALIAS or models:/NAME/VERSION"),
    ],
)
def test_a_model_that_does_not_exist_is_named(swept, uri: str, complaint: str) -> None:
    folder, _ = swept
    with pytest.raises(RunStoreError, match=re.escape(complaint)) as error:
        store(folder).run(uri)
    assert uri in str(error.value)
