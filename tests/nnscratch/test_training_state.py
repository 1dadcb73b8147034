"""Stopping and going on: the same weights as if nothing had happened, bit for bit."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnscratch import (
    SGD,
    Adam,
    AdamW,
    CheckpointError,
    Dataset,
    Network,
    Optimizer,
    RMSProp,
    SoftmaxCrossEntropyLoss,
    Training,
    fit,
    load_checkpoint,
    load_training_state,
    mlp,
    save_checkpoint,
    save_training_state,
    schedules,
    training_state_metadata,
    weights_digest,
)

EPOCHS, STOP = 6, 3
STEPS = EPOCHS * 4  # 100 samples in batches of 32

OPTIMIZERS: dict[str, Callable[[Network], Optimizer]] = {
    "sgd": lambda network: SGD(learning_rate=0.1),
    "momentum": lambda network: SGD(learning_rate=0.05, momentum=0.9),
    "nesterov": lambda network: SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda network: RMSProp(learning_rate=0.003),
    "adam": lambda network: Adam(learning_rate=schedules.cosine(0.01, steps=STEPS, warmup=0.1)),
    "adamw": lambda network: AdamW(
        learning_rate=schedules.one_cycle(0.01, steps=STEPS), decay_mask=network.decay_mask
    ),
}
MODELS = {
    "plain": {},
    "dropout": {"dropout": 0.3, "input_dropout": 0.1},
    "batch_norm": {"batch_norm": True},
    "all": {"batch_norm": True, "dropout": 0.3, "activation": "elu"},
}


def build(optimizer: str, model: str) -> tuple[Network, Optimizer]:
    network = mlp([5, 16, 8, 3], seed=1, **MODELS[model])
    return network, OPTIMIZERS[optimizer](network)


def start(network: Network, optimizer: Optimizer, **options) -> Training:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 100)
    train = Dataset(rng.normal(size=(100, 5)) + 2 * np.eye(3, 5)[labels], labels)
    loss = SoftmaxCrossEntropyLoss(label_smoothing=0.1)
    fixed = {"epochs": EPOCHS, "batch_size": 32, "seed": 4}
    return fit(network, loss, optimizer, train, train, **fixed, **options)


def state_after(epochs: int, training: Training):
    for _ in range(epochs):
        next(training)
    return training.state()


@pytest.mark.parametrize("ema_decay", [None, 0.9], ids=["", "average"])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stopped_and_resumed_is_never_stopped(
    tmp_path: Path, optimizer: str, model: str, ema_decay: float | None
) -> None:
    options = {"ema_decay": ema_decay, "max_gradient_norm": 1.0}
    whole, rule = build(optimizer, model)
    never_stopped = start(whole, rule, **options)
    expected = [epoch.val_loss for epoch in never_stopped]

    stopped = start(*build(optimizer, model), **options)
    path = save_training_state(state_after(STOP, stopped), tmp_path / "state.npz")
    resumed, rule = build(optimizer, model)
    training = start(resumed, rule, resume=load_training_state(path), **options)
    rest = list(training)

    assert [epoch.number for epoch in rest] == [4, 5, 6]
    assert [epoch.val_loss for epoch in rest] == expected[STOP:]
    assert weights_digest(resumed) == weights_digest(whole)
    for name, vector in never_stopped.state().vectors.items():
        np.testing.assert_array_equal(training.state().vectors[name], vector, err_msg=name)


@pytest.mark.parametrize("optimizer", ["momentum", "adamw"])
def test_a_fresh_process_goes_on_to_the_same_bits(tmp_path: Path, optimizer: str) -> None:
    whole, rule = build(optimizer, "all")
    list(start(whole, rule, ema_decay=0.9))
    stopped = start(*build(optimizer, "all"), ema_decay=0.9)
    path = save_training_state(state_after(STOP, stopped), tmp_path / "state.npz")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_training_state import *\n"
        f"network, rule = build({optimizer!r}, 'all')\n"
        "list(start(network, rule, ema_decay=0.9, resume=load_training_state(sys.argv[2])))\n"
        "print(weights_digest(network))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == weights_digest(whole)


def test_a_state_is_a_copy_and_asking_for_it_changes_nothing() -> None:
    network, rule = build("adam", "all")
    asked = start(network, rule)
    states = [asked.state() for _ in asked]
    silent, rule = build("adam", "all")
    list(start(silent, rule))
    assert weights_digest(network) == weights_digest(silent)
    assert [state.epoch for state in states] == [1, 2, 3, 4, 5, 6]
    assert np.any(states[0].vectors["parameters"] != states[1].vectors["parameters"])


def test_a_state_before_the_first_epoch_is_the_start() -> None:
    state = start(*build("adam", "dropout")).state()
    whole, resumed = build("adam", "dropout"), build("adam", "dropout")
    list(start(*whole))
    list(start(*resumed, resume=state))
    assert weights_digest(resumed[0]) == weights_digest(whole[0])


def test_a_training_that_was_finished_has_nothing_left() -> None:
    state = state_after(EPOCHS, start(*build("sgd", "plain")))
    assert list(start(*build("sgd", "plain"), resume=state)) == []


@pytest.mark.parametrize(
    ("optimizer", "model", "options", "named"),
    [
        ("adam", "plain", {}, "layer 2 is"),
        ("adamw", "all", {}, "optimizer"),
        ("adam", "all", {"ema_decay": 0.9}, "ema_decay is None, not 0.9"),
    ],
)
def test_the_state_of_another_training_is_refused(optimizer, model, options, named: str) -> None:
    state = state_after(1, start(*build("adam", "all")))
    with pytest.raises(ValueError, match=named):
        start(*build(optimizer, model), resume=state, **options)


def test_moments_that_are_missing_are_named() -> None:
    state = state_after(1, start(*build("sgd", "plain")))
    with pytest.raises(ValueError, match="velocity"):
        start(*build("momentum", "plain"), resume=state)


def test_metadata_of_a_state_come_back(tmp_path: Path) -> None:
    state = start(*build("sgd", "plain")).state()
    path = save_training_state(state, tmp_path / "state.npz", history=[{"number": 1}])
    assert training_state_metadata(path) == {"history": [{"number": 1}]}


@pytest.mark.parametrize("keep", [0, 100, 0.5, -1])
def test_a_cut_state_is_refused_by_name(tmp_path: Path, keep: float) -> None:
    state = state_after(1, start(*build("adam", "plain")))
    path = save_training_state(state, tmp_path / "cut.npz")
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(CheckpointError, match=r"cut\.npz"):
        load_training_state(path)


def test_changed_moments_are_refused(tmp_path: Path) -> None:
    state = state_after(1, start(*build("adam", "plain")))
    path = save_training_state(state, tmp_path / "state.npz")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["moment.first"][0] += 1
    np.savez(path, **arrays)
    with pytest.raises(CheckpointError, match="damaged"):
        load_training_state(path)


def test_a_state_without_its_facts_is_refused(tmp_path: Path) -> None:
    path = save_training_state(start(*build("adam", "plain")).state(), tmp_path / "state.npz")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    description = json.loads(str(arrays["description"]))
    del description["generators"]
    arrays["description"] = np.array(json.dumps(description))
    np.savez(path, **arrays)
    with pytest.raises(CheckpointError, match="generators"):
        load_training_state(path)


def test_a_network_and_a_training_are_not_taken_for_each_other(tmp_path: Path) -> None:
    network, rule = build("adam", "plain")
    state = save_training_state(start(network, rule).state(), tmp_path / "state.npz")
    best = save_checkpoint(network, tmp_path / "best.npz")
    with pytest.raises(CheckpointError, match="holds a training, not a network"):
        load_checkpoint(state)
    with pytest.raises(CheckpointError, match="holds a network, not a training"):
        load_training_state(best)
