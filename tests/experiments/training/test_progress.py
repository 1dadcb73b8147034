"""The files of a stopped run: what fits continues, everything else is one line before a start."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from archives import Change, rewritten
from composing import config
from harness import checkpoint
from omegaconf import DictConfig

from experiments.errors import ResumeError, Stopped
from experiments.tracking import RunStore
from experiments.training.build import Trainee, build_training, load_splits
from experiments.training.progress import KeptState
from experiments.training.report import Silent
from experiments.training.run import run
from nnscratch import (
    DivergenceError,
    Epoch,
    TrainingState,
    best_epoch,
    mlp,
    save_checkpoint,
    save_training_state,
    weights_digest,
)

STOPPED, EPOCHS = 3, 5
NAN = float("nan")


class StoppedRun(NamedTuple):
    """A run that was stopped after three of five epochs, and where its files are."""

    config: DictConfig
    store: RunStore
    run_id: str
    files: Path  # checkpoints/

    def build(self, state: TrainingState | None) -> Trainee:
        return build_training(self.config, load_splits(self.config), state)

    def resume(self) -> None:
        """Raises what the command would print; trains to the end otherwise."""
        run(self.config, name="resumed", report=Silent())


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> StoppedRun:
    folder = tmp_path_factory.mktemp("stopped")
    settings = config(
        *("data=digits", "data.train_size=60", "model.hidden=[8]", "model.batch_norm=true"),
        *(
            "optimizer=adam",
            "model.dropout=0.2",
            "ema_decay=0.9",
            "batch_size=16",
            f"epochs={EPOCHS}",
        ),
        *(f"tracking.uri=sqlite:///{folder}/mlflow.db", f"tracking.artifacts={folder}/artifacts"),
        *(f"tracking.journal={folder}/journal", "resume=true"),
        f"epochs={EPOCHS}",
    )

    def stop(epoch: Epoch) -> None:
        if epoch.number == STOPPED:
            raise Stopped("enough")

    with pytest.raises(Stopped):
        run(settings, name="stopped", report=Silent(), watch=stop)
    store = RunStore(settings.tracking.uri)
    [run_id] = [summary.run_id for summary in store.runs()]
    files = checkpoint(store, run_id, "state").parent
    return StoppedRun(settings, store, run_id, files)


@pytest.fixture(autouse=True)
def _put_back(stopped: StoppedRun) -> Iterator[None]:
    before = {file: file.read_bytes() for file in stopped.files.rglob("*.npz")}
    yield
    for file, content in before.items():
        file.write_bytes(content)


def entry(path: str, value: Any) -> Change:
    def change(_: dict[str, Any], description: Any) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            description = description[int(parent) if parent.isdecimal() else parent]
        description[int(last) if last.isdecimal() else last] = value

    return change


def vector(name: str, value: float) -> Change:
    def change(arrays: dict[str, Any], _: dict[str, Any]) -> None:
        arrays[name][0] = value

    return change


def _swap_epochs(_: dict[str, Any], description: dict[str, Any]) -> None:
    description["metadata"]["history"].reverse()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (entry("epoch", 10**9), "after epoch 1000000000, the training has 5"),
        (entry("epoch", 4), "12 steps"),
        (entry("epoch", 0), "averaged"),
        (entry("step", 99), "99 steps are not those of 3 epochs"),
        (entry("averaged", 0), "0 averaged ones"),
        (entry("settings.batch_size", 8), "batch_size is 8, not 16"),
        (entry("settings.optimizer", "SGD"), "optimizer is SGD, not Adam"),
        (entry("network.layers.3.rate", 0.5), "another training"),
        (entry("metadata.history", []), "0 epochs in its history"),
        (entry("metadata.history", 3), "no history of epochs"),
        (entry("metadata.history.1.val_loss", NAN), "val_loss of epoch 2 in its history is nan"),
        (entry("metadata.history.1.val_accuracy", 2), "val_accuracy of epoch 2"),
        (entry("metadata.history.1.seconds", "x"), "seconds of epoch 2 in its history is 'x'"),
        (entry("metadata.history.1.surplus", 1), "no history of epochs"),
        (_swap_epochs, "epoch 1 of its history has another number"),
        (entry("metadata.digests", "x"), "no digests"),
        (entry("metadata.digests.2", "0" * 64), "not those that the run had after epoch 3"),
        (vector("average", 0.5), "not those that the run had after epoch 3"),
        (vector("parameters", NAN), "parameters must be finite"),
        (vector("moment.first", np.inf), "moment.first must be finite"),
        (vector("moment.second", -1), "'second' sums squares"),
    ],
)
def test_a_state_that_does_not_fit_is_one_line_before_anything_starts(
    stopped: StoppedRun, change: Change, complaint: str
) -> None:
    file = stopped.files / "state.npz"
    content = rewritten(file.read_bytes(), change)
    file.write_bytes(content)
    kept = KeptState.of(stopped.store, stopped.run_id)
    assert kept is not None
    with pytest.raises(ResumeError, match=complaint) as refused:
        kept.resumed(stopped.build)
    message = str(refused.value)
    assert "\n" not in message
    assert "checkpoints/epochs/epoch_0003.npz is kept" in message
    assert "resume=false" in message


def test_a_refused_run_stays_as_it_was(stopped: StoppedRun) -> None:
    file = stopped.files / "state.npz"
    content = rewritten(file.read_bytes(), entry("epoch", 10**9))
    file.write_bytes(content)
    with pytest.raises(ResumeError):
        stopped.resume()
    [summary] = stopped.store.runs()
    assert summary.status == "KILLED"
    assert file.read_bytes() == content


HOSTILE = (
    *(None, True, -1, 0, 1, 2**63, 10**400, 0.5, NAN, float("inf"), "", "x", "\x1b[2J\n"),
    *([], [1], {}, {"a": 1}, [[]] * 3, "9" * 5000),
)


def hostile(moment: random.Random) -> Change:
    """A random value at a random place of the description, or in a random vector."""

    def change(arrays: dict[str, Any], description: Any) -> None:
        if moment.random() < 0.2:
            array = arrays[moment.choice(sorted(arrays))]
            array[moment.randrange(len(array))] = moment.choice((NAN, np.inf, -1e30, 1e30, 0))
            return
        while True:
            keys = list(description) if isinstance(description, dict) else range(len(description))
            key = moment.choice(list(keys))
            inner = description[key]
            if not isinstance(inner, dict | list) or not inner or moment.random() < 0.2:
                description[key] = moment.choice(HOSTILE)
                return
            description = inner

    return change


def continues(stopped: StoppedRun) -> bool:
    """Whether a training continues from the files; forged moments may make it diverge."""
    kept = KeptState.of(stopped.store, stopped.run_id)
    if kept is None:
        return False
    try:
        trainee, _ = kept.resumed(stopped.build)
    except ResumeError:
        return False
    with suppress(DivergenceError):
        next(trainee.training, None)
    return True


@pytest.mark.parametrize("seed", range(3))
def test_a_hostile_state_is_refused_or_harmless(stopped: StoppedRun, seed: int) -> None:
    """Its digest fits: somebody wrote it on purpose."""
    moment, file = random.Random(seed), stopped.files / "state.npz"
    good = file.read_bytes()
    refused = 0
    for _ in range(30):
        file.write_bytes(rewritten(good, hostile(moment)))
        refused += not continues(stopped)
    assert refused > 15


def whole(stopped: StoppedRun, epochs: int = EPOCHS) -> tuple[Trainee, dict[str, Any]]:
    """The same training without a stop, after some epochs, and the metadata of its state."""
    trainee = build_training(stopped.config, load_splits(stopped.config))
    history, digests = [], []
    for epoch in islice(trainee.training, epochs):
        history.append(asdict(epoch))
        digests.append(weights_digest(trainee.network))
    return trainee, {"history": history, "digests": digests}


@pytest.mark.parametrize("epoch_files", [True, False])
@pytest.mark.parametrize(("state", "best"), [(2, 3), (1, 3), (3, 1), (3, 2), (2, 2)])
def test_a_state_and_a_best_of_different_epochs_end_with_the_same_weights(
    stopped: StoppedRun, state: int, best: int, epoch_files: bool
) -> None:
    """Each is delivered by itself. If the weights of the best epoch are lost, it starts again."""
    trainee, metadata = whole(stopped, state)
    save_training_state(trainee.training.state(), stopped.files / "state.npz", **metadata)
    (stopped.files / "best.npz").write_bytes(
        (stopped.files / f"epochs/epoch_{best:04d}.npz").read_bytes()
    )
    number = best_epoch([Epoch(**epoch) for epoch in metadata["history"]]).number
    if not epoch_files:
        for file in (stopped.files / "epochs").iterdir():
            file.unlink()
    kept = KeptState.of(stopped.store, stopped.run_id)
    assert kept is not None
    resumed, progress = kept.resumed(stopped.build)
    if progress is None:
        assert not epoch_files
        assert number not in (best, state)
    elif epoch_files or best <= state:
        assert weights_digest(progress.best) == metadata["digests"][number - 1]
    list(resumed.training)
    assert weights_digest(resumed.network) == weights_digest(whole(stopped)[0].network)


def test_a_foreign_best_is_refused_if_the_best_epoch_is_kept_nowhere(stopped: StoppedRun) -> None:
    foreign = save_checkpoint(mlp([3, 2]), stopped.files / "foreign.npz", epoch=4).read_bytes()
    trainee, metadata = whole(stopped, STOPPED)
    metadata["history"][0]["val_accuracy"] = 1  # so that the first epoch is the best
    save_training_state(trainee.training.state(), stopped.files / "state.npz", **metadata)
    (stopped.files / "best.npz").write_bytes(foreign)
    assert continues(stopped)
    (stopped.files / "epochs/epoch_0001.npz").write_bytes(foreign)
    assert not continues(stopped)
