"""Resuming: the same weights as without a stop, bit for bit."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import nnscratch
from nnscratch import (
    SGD,
    Adam,
    AdamW,
    BestWeights,
    CheckpointError,
    Dataset,
    EarlyStopping,
    Epoch,
    MSELoss,
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
from nnscratch.augmentation import Affine

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
    train, loss = options.pop("train", train), options.pop("loss", loss)
    options = {"epochs": EPOCHS, "batch_size": 32, "seed": 4, **options}
    return fit(network, loss, optimizer, train, train, **options)


def test_every_optimizer_of_the_package_is_resumed() -> None:
    exported = {kind for kind in vars(nnscratch).values() if isinstance(kind, type)}
    optimizers = {kind for kind in exported if issubclass(kind, Optimizer)} - {Optimizer}
    network = mlp([5, 3])
    assert {type(build(network)) for build in OPTIMIZERS.values()} == optimizers


def state_after(epochs: int, training: Training):
    for _ in range(epochs):
        next(training)
    return training.state()


@pytest.mark.parametrize("ema_decay", [None, 0.9], ids=["", "average"])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_resumed_training_ends_with_the_weights_of_one_that_never_stopped(
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
def test_a_fresh_process_resumes_to_the_same_weights(tmp_path: Path, optimizer: str) -> None:
    whole, rule = build(optimizer, "all")
    list(start(whole, rule, ema_decay=0.9))
    stopped = start(*build(optimizer, "all"), ema_decay=0.9)
    path = save_training_state(state_after(STOP, stopped), tmp_path / "state.npz")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_state import *\n"
        f"network, rule = build({optimizer!r}, 'all')\n"
        "list(start(network, rule, ema_decay=0.9, resume=load_training_state(sys.argv[2])))\n"
        "print(weights_digest(network))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == weights_digest(whole)


def test_a_state_is_a_copy_and_taking_it_changes_nothing() -> None:
    network, rule = build("adam", "all")
    training = start(network, rule)
    states = [training.state() for _ in training]
    undisturbed, rule = build("adam", "all")
    list(start(undisturbed, rule))
    assert weights_digest(network) == weights_digest(undisturbed)
    assert [state.epoch for state in states] == [1, 2, 3, 4, 5, 6]
    assert np.any(states[0].vectors["parameters"] != states[1].vectors["parameters"])


def test_a_state_before_the_first_epoch_is_the_start() -> None:
    state = start(*build("adam", "dropout")).state()
    whole, resumed = build("adam", "dropout"), build("adam", "dropout")
    list(start(*whole))
    list(start(*resumed, resume=state))
    assert weights_digest(resumed[0]) == weights_digest(whole[0])


def test_a_finished_training_has_no_epochs_left() -> None:
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


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"batch_size": 16}, "batch_size is 32, not 16"),
        ({"max_gradient_norm": 1.0}, "max_gradient_norm is None, not 1.0"),
        ({"loss": MSELoss()}, "loss is SoftmaxCrossEntropyLoss, not MSELoss"),
        ({"loss": SoftmaxCrossEntropyLoss()}, "loss.label_smoothing is 0.1, not 0.0"),
        ({"optimizer": Adam(beta1=0.8)}, "optimizer.beta1 is 0.9, not 0.8"),
        ({"train": Dataset(np.ones((99, 5)), np.zeros(99, int))}, "samples is 100, not 99"),
    ],
    ids=lambda case: case if isinstance(case, str) else "-".join(case),
)
def test_the_state_of_a_training_with_other_settings_is_refused(changed, message: str) -> None:
    network, rule = build("adam", "plain")
    state = state_after(1, start(network, rule))
    with pytest.raises(ValueError, match=f"its {message}$"):
        start(network, changed.pop("optimizer", rule), resume=state, **changed)


def test_initialization_learning_rate_seed_and_epochs_may_change() -> None:
    state = state_after(2, start(*build("adam", "plain")))
    network = mlp([5, 16, 8, 3], seed=9, init="zeros", bias_init="constant")
    training = start(network, Adam(learning_rate=0.5), resume=state, epochs=9, seed=5)
    assert [epoch.number for epoch in training] == [3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "broken",
    [
        {"vectors": {"parameters": np.ones(1, np.float32)}},
        {"vectors": {"statistics": np.ones(1, np.float32)}},
        {"vectors": {"moment.first": np.ones(1, np.float32)}},
        {"generators": {}},
    ],
    ids=str,
)
def test_an_incomplete_state_is_refused_before_anything_changes(broken) -> None:
    """A vector with one entry would broadcast over all weights."""
    state = state_after(1, start(*build("adam", "all")))
    if "vectors" in broken:
        broken = {"vectors": {**state.vectors, **broken["vectors"]}}
    network, rule = build("adam", "all")
    before = network.state.copy()
    with pytest.raises(ValueError, match=r"this is the state of another|needs the moment"):
        start(network, rule, resume=replace(state, **broken))
    np.testing.assert_array_equal(network.state, before)


@pytest.mark.parametrize("stop", range(1, 12))
def test_early_stopping_and_the_best_weights_resume_after_any_epoch(stop: int) -> None:
    """The last epoch, the best epoch and its weights are the same, bit for bit.

    A third of the training labels are noise. The network first ignores the noise and then
    memorizes it, so from any starting weights it stops early, after its best accuracy.
    """
    rng = np.random.default_rng(1)

    def dataset(samples: int, noise: float) -> Dataset:
        inputs = rng.normal(size=(samples, 8))
        noisy = rng.random(samples) < noise
        labels = np.where(noisy, rng.integers(0, 3, samples), inputs[:, :3].argmax(axis=1))
        return Dataset(inputs, labels)

    train, validation = dataset(60, noise=0.35), dataset(200, noise=0.0)

    def training(**options) -> tuple[Network, Training]:
        network = mlp([8, 64, 3], batch_norm=True, seed=0)
        loss, rule = SoftmaxCrossEntropyLoss(), Adam(learning_rate=0.005)
        return network, fit(
            network, loss, rule, train, validation, epochs=30, batch_size=16, **options
        )

    def run(network, epochs, best, stopping, last: int) -> list[Epoch]:
        history = []
        for epoch in epochs:
            history.append(epoch)
            best.update(epoch)
            if stopping.update(epoch) or epoch.number == last:
                break
        return history

    network, epochs = training()
    best, stopping = BestWeights(network), EarlyStopping(6)
    whole = run(network, epochs, best, stopping, last=30)
    best.restore()
    assert best.epoch is not None
    assert 12 <= len(whole) < 30, "it stops early, but after every stop that is tested"
    assert best.epoch.number < len(whole)

    stopped, epochs = training()
    kept = BestWeights(stopped)
    history = run(stopped, epochs, kept, EarlyStopping(6), last=stop)
    state = epochs.state()
    kept.restore()

    resumed, epochs = training(resume=state)
    again, patience = BestWeights(resumed), EarlyStopping(6)
    again.resume(history, stopped)
    for epoch in history:
        patience.update(epoch)
    history += run(resumed, epochs, again, patience, last=30)
    again.restore()
    assert [epoch.val_loss for epoch in history] == [epoch.val_loss for epoch in whole]
    assert again.epoch is not None
    assert again.epoch.number == best.epoch.number
    assert weights_digest(resumed) == weights_digest(network)


def test_metadata_are_saved_with_a_state(tmp_path: Path) -> None:
    state = start(*build("sgd", "plain")).state()
    path = save_training_state(state, tmp_path / "state.npz", history=[{"number": 1}])
    assert training_state_metadata(path) == {"history": [{"number": 1}]}


def test_a_state_of_the_first_format_still_loads(tmp_path: Path) -> None:
    """Its digest is part of the description and covers only the vectors."""
    state = state_after(1, start(*build("adam", "plain")))
    digest = hashlib.sha256()
    for name, vector in sorted(state.vectors.items()):
        digest.update(f"{name} {vector.dtype.str} {vector.shape}".encode() + vector.tobytes())
    facts = {field.name: getattr(state, field.name) for field in fields(state)}
    del facts["vectors"]
    text = json.dumps({"format": 1, "kind": "training", "digest": digest.hexdigest(), **facts})
    np.savez(tmp_path / "old.npz", allow_pickle=True, description=np.str_(text), **state.vectors)
    loaded = load_training_state(tmp_path / "old.npz")
    for name, vector in state.vectors.items():
        np.testing.assert_array_equal(loaded.vectors[name], vector)
    assert (loaded.epoch, loaded.step, loaded.generators) == (1, 4, state.generators)


def test_a_state_in_the_words_of_version_0_1_resumes_to_the_same_bits(tmp_path: Path) -> None:
    """Its network names an output activation, its augmentation turn, slant, stretch and shift."""
    rng = np.random.default_rng(0)
    train = Dataset(rng.normal(size=(100, 9)), np.arange(100) % 3)

    def begin(**options) -> tuple[Network, Training]:
        network = mlp([9, 8, 3], seed=1)
        return network, start(
            network, SGD(momentum=0.9), train=train, augmentation=Affine(), **options
        )

    whole, training = begin()
    list(training)
    state = state_after(2, begin()[1])
    words = {"rotation": "turn", "shear": "slant", "scale": "stretch", "translation": "shift"}
    settings = dict(state.settings)
    for new, old in words.items():
        settings[f"augmentation.{old}"] = settings.pop(f"augmentation.{new}")
    described = dict(state.network)
    assert described.pop("outputs") == "logits"
    described["output_activation"] = "softmax"
    older = replace(state, settings=settings, network=described)
    path = save_training_state(older, tmp_path / "state.npz")
    resumed, training = begin(resume=load_training_state(path))
    list(training)
    assert weights_digest(resumed) == weights_digest(whole)


def test_a_network_and_a_training_state_are_not_confused(tmp_path: Path) -> None:
    network, rule = build("adam", "plain")
    state = save_training_state(start(network, rule).state(), tmp_path / "state.npz")
    best = save_checkpoint(network, tmp_path / "best.npz")
    with pytest.raises(CheckpointError, match="holds a training, not a network"):
        load_checkpoint(state)
    with pytest.raises(CheckpointError, match="holds a network, not a training"):
        load_training_state(best)
