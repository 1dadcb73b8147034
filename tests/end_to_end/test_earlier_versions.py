"""What earlier releases logged is listed, opened, resumed and re-run by this version.

Each release is a folder ``tests/fixtures/vX.Y.Z``; its README says what is there.
"""

import csv
import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import checkpoint, command, store
from loose import training
from stored import unpack

from experiments.drawings.collection import DrawingFolder
from experiments.runs.ranking import rank
from experiments.runs.tags import DRAWINGS, WEIGHTS_DIGEST
from experiments.tracking import RunStore
from gui.runs.library import RunLibrary
from nnscratch import (
    Network,
    Training,
    load_checkpoint,
    load_plain_weights,
    load_training_state,
    mlp,
    training_state_metadata,
    weights_digest,
)

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("v*"))
STOPPED = ("stopped", "stopped_pure_python")
MISTAKES = ("mistake_slope_of_activation", "mistake_update_before_propagating")
RUNS = 20  # without the taught one
SWEEPS = ("sweep", "augmented_sweep", "search")
CHAMPION = "models:/nnscratch-digits@champion"


@dataclass(frozen=True)
class Release:
    """What a release logged, in a folder in which commands find it."""

    fixture: Path
    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        return json.loads((self.fixture / "runs.json").read_text())

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.fixture / "checkpoints/expected.json").read_text())

    @property
    def store(self) -> RunStore:
        return store(self.folder)

    def id(self, role: str) -> str:
        return self.facts["runs"][role]

    def resume(self, role: str, *overrides: str) -> subprocess.CompletedProcess[str]:
        module = "experiments.search" if role == "search" else "experiments.train"
        overrides = (*self.facts["overrides"][role], *overrides)
        return command(self.folder, module, *overrides, "resume=true")

    def has_the_same_weights_again(self, role: str) -> bool:
        """Whether ``rerun`` gets the logged bits. Only another BLAS kernel may change them."""
        done = command(self.folder, "experiments.rerun", self.id(role))
        if done.returncode == 0:
            assert "the same weights, bit for bit" in done.stdout
            return True
        assert done.returncode == 1, done.stderr
        assert "the weights differ" in done.stdout
        assert "  blas: " in done.stdout, done.stdout
        return False


@pytest.fixture(scope="module", params=FIXTURES, ids=lambda fixture: fixture.name)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """One release. No test that uses it writes to its store."""
    folder = tmp_path_factory.mktemp("earlier") / request.param.name
    return Release(request.param, unpack(request.param, folder))


@pytest.fixture
def own(release: Release, tmp_path: Path) -> Release:
    """The same in a folder of the test's own."""
    return Release(release.fixture, unpack(release.fixture, tmp_path / "store"))


@pytest.fixture
def library(release: Release, monkeypatch: pytest.MonkeyPatch) -> RunLibrary:
    """The runs as the window sees them."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(release.folder)
    return RunLibrary()


# --- lists --------------------------------------------------------------------------------


def test_every_run_is_listed_with_its_status(release: Release) -> None:
    runs = {run.run_id: run for run in release.store.runs()}
    assert len(runs) == RUNS
    for role in ("finished", "finished_xor", *MISTAKES):
        assert runs[release.id(role)].status == "FINISHED"
    for role in STOPPED:
        assert runs[release.id(role)].status == "KILLED"
        assert not runs[release.id(role)].over
    diverged = runs[release.id("diverged")]
    assert (diverged.status, diverged.diverged) == ("FAILED", True)


@pytest.mark.parametrize(("role", "runs"), [("sweep", 4), ("augmented_sweep", 4), ("search", 5)])
def test_the_leaderboard_ranks_a_sweep(release: Release, role: str, runs: int) -> None:
    children = release.store.children(release.id(role))
    assert len(children) == runs
    arguments = ("--sweep", release.id(role), "--format", "json")
    done = command(release.folder, "experiments.leaderboard", *arguments)
    assert done.returncode == 0, done.stderr
    shown = [row["run_id"] for row in json.loads(done.stdout)]
    assert shown == [row.run_id for row in rank(children)]


def test_the_leaderboard_ranks_all_runs(release: Release) -> None:
    done = command(release.folder, "experiments.leaderboard", "--sweep", "all", "--format", "json")
    assert done.returncode == 0, done.stderr
    shown = {run for row in json.loads(done.stdout) for run in row["runs"]}
    assert shown == {run.run_id for run in release.store.runs()}


def test_a_sweep_over_a_renamed_key_is_ranked_and_filtered(release: Release) -> None:
    def rows(*filters: str) -> list[dict[str, str]]:
        arguments = ("--sweep", release.id("augmented_sweep"), "--format", "csv", *filters)
        done = command(release.folder, "experiments.leaderboard", *arguments)
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(done.stdout.splitlines()))

    by_rotation = {row["augmentation.rotation"]: row for row in rows()}
    assert sorted(by_rotation) == ["0.0", "0.2"]
    assert [row["seeds"] for row in by_rotation.values()] == ["2", "2"]
    for key in ("augmentation.rotation", "augmentation.turn"):
        [chosen] = rows("--where", f"{key}=0.2")
        assert chosen["run_id"] == by_rotation["0.2"]["run_id"]


def test_keys_and_metrics_have_their_names_of_today(release: Release) -> None:
    run = release.store.run(release.id("finished"))
    assert "augmentation.rotation" in run.params
    assert "augmentation.turn" not in run.params
    for metric in ("misclassified_gradient", "misclassified_vanishing"):
        history = release.store.history(run.run_id, f"diagnostics/{metric}")
        assert [epoch for epoch, _ in history] == [0, 1, 2, 3]
        assert run.metrics[f"diagnostics/{metric}"] == history[-1][1]
    assert not [name for name in run.metrics if "misread" in name]


def test_the_champion_is_the_best_run_of_all_sweeps(release: Release) -> None:
    rated = [run for role in SWEEPS for run in release.store.children(release.id(role))]
    champion = release.store.run(CHAMPION)
    assert champion.run_id in {run.run_id for run in rated}
    assert champion.val_accuracy == max(run.val_accuracy for run in rated if run.over)


# --- networks -----------------------------------------------------------------------------


def test_the_networks_of_every_run_load(release: Release) -> None:
    for run in release.store.runs():
        best, last, state = (
            checkpoint(release.store, run.run_id, name) for name in ("best", "last", "state")
        )
        digests = training_state_metadata(state)["digests"]
        assert weights_digest(load_checkpoint(best)) in digests
        assert weights_digest(load_checkpoint(last)) == digests[-1]
        if run.status == "FINISHED":
            assert run.tags[WEIGHTS_DIGEST] == digests[-1]


def test_the_window_opens_every_network_for_digits(release: Release, library: RunLibrary) -> None:
    [*_, rows] = library.table()
    while (checked := library.check()) is not None:
        rows = checked
    for_digits = {run.run_id for run in release.store.runs() if run.reads_digits}
    for_digits |= {release.id("taught")}
    assert {row.run_id for row in rows if not row.trouble} == for_digits
    assert {row.trouble for row in rows if row.trouble} == {"not for digits"}
    for run_id in for_digits:
        assert library.load(run_id).run_id == run_id
    finished = library.load(release.id("finished"))
    assert finished.epochs == (1, 2, 3)
    assert finished.calibration is not None
    for epoch in finished.epochs:
        assert library.load(release.id("finished"), epoch).epoch == epoch


def test_the_taught_network_opens_beside_the_drawings_it_learned_from(
    release: Release, library: RunLibrary
) -> None:
    [taught] = release.store.runs("tuned")
    network = load_checkpoint(checkpoint(release.store, taught.run_id))
    assert weights_digest(network) == taught.tags[WEIGHTS_DIGEST]
    assert (taught.run_id, taught.parent) == (release.id("taught"), release.id("finished"))
    assert library.load(release.id("taught")).taught_from == release.id("finished")
    drawings = DrawingFolder(release.fixture / "drawings").read()
    assert drawings.version == taught.tags[DRAWINGS]


def test_checkpoints_of_every_kind_give_the_same_probabilities(release: Release) -> None:
    for name, expected in release.expected["networks"].items():
        network = load_checkpoint(release.fixture / f"checkpoints/{name}.npz")
        assert weights_digest(network) == expected["weights_digest"], name
        inputs = np.array(expected["inputs"], np.float32)
        probabilities = network.predict_proba(inputs)
        np.testing.assert_allclose(probabilities, expected["probabilities"], atol=1e-6)
    assert set(MISTAKES) < set(release.expected["networks"])


def test_plain_weights_load(release: Release) -> None:
    network = mlp([9, 5, 4, 3])
    load_plain_weights(network, release.fixture / "checkpoints/plain_weights.npz")
    expected = release.expected["networks"]["logits"]["weights_digest"]
    assert weights_digest(network) == expected


def losses_and_digests(network: Network, epochs: Training) -> tuple[list[float], list[str]]:
    """The validation loss and the digest of the weights after each epoch."""
    results = [(epoch.val_loss or 0.0, weights_digest(network)) for epoch in epochs]
    return [loss for loss, _ in results], [digest for _, digest in results]


@pytest.mark.parametrize("name", ["state", "state_of_everything"])
def test_a_state_resumes_to_the_weights_of_an_undisturbed_training(
    release: Release, name: str
) -> None:
    file = release.fixture / f"checkpoints/{name}.npz"
    expected = release.expected["trainings"][name]
    digests, epoch = expected["digests"], expected["epoch"]
    assert training_state_metadata(file)["digests"] == digests[:epoch]
    fresh, fresh_epochs = training(name)
    fresh_losses, fresh_digests = losses_and_digests(fresh, fresh_epochs)
    resumed, rest = training(name, load_training_state(file))
    resumed_losses, resumed_digests = losses_and_digests(resumed, rest)
    assert resumed_losses == pytest.approx(fresh_losses[epoch:], rel=0.05)
    if fresh_digests[:epoch] == digests[:epoch]:  # else this processor rounds differently
        assert fresh_digests == digests
        assert resumed_digests == digests[epoch:]


# --- resumed and re-run -------------------------------------------------------------------


@pytest.mark.parametrize("role", STOPPED)
def test_a_stopped_run_resumes_to_the_weights_of_an_undisturbed_one(
    own: Release, role: str
) -> None:
    run_id = own.id(role)
    before = own.store.history(run_id, "val_loss")
    same = own.has_the_same_weights_again(role)
    done = own.resume(role)
    assert done.returncode == 0, done.stderr
    run = own.store.run(run_id)
    assert run.status == "FINISHED"
    after = own.store.history(run_id, "val_loss")
    assert [epoch for epoch, _ in after] == list(range(1, int(run.params["epochs"]) + 1))
    assert 2 <= len(before) < len(after)
    assert after[: len(before)] == before
    if same:
        assert run.tags[WEIGHTS_DIGEST] == own.facts["resumed_weights_digests"][role]
    rounded = (role, own.fixture.name) == ("stopped_pure_python", "v0.1.0")  # a float32 state
    if not rounded:
        assert own.has_the_same_weights_again(role) == same


def test_a_diverged_run_is_not_repeated(own: Release) -> None:
    done = own.resume("diverged")
    assert done.returncode == 1
    assert f"run {own.id('diverged')[:8]}" in done.stderr
    assert len(own.store.runs()) == RUNS


@pytest.mark.parametrize("role", ["sweep", "augmented_sweep"])
def test_a_finished_sweep_trains_nothing_again(own: Release, role: str) -> None:
    done = own.resume(role)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 runs have finished already" in done.stdout
    assert len(own.store.sweeps()) == 2
    assert len(own.store.runs()) == RUNS


def test_a_search_continues_with_more_trials(own: Release) -> None:
    earlier = {run.run_id for run in own.store.children(own.id("search"))}
    done = own.resume("search", "search.trials=7")
    assert done.returncode == 0, done.stderr
    assert "7 of 7 trials" in done.stdout
    trials = {run.run_id for run in own.store.children(own.id("search"))}
    assert earlier < trials
    assert len(trials) == 7


@pytest.mark.parametrize("role", ["finished", "finished_xor", *MISTAKES, "diverged"])
def test_a_run_trained_again_has_the_same_weights(release: Release, role: str) -> None:
    """On the same kind of processor; on another one, ``rerun`` names its BLAS kernel."""
    release.has_the_same_weights_again(role)
