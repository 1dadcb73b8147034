"""``engine=pure_python``: the same training as in NumPy, and how much slower it is."""

from pathlib import Path

import numpy as np
import pytest
from composing import config
from harness import store, train

from experiments.training.build import Trainee, build_training, load_splits
from nnscratch import TrainingState, load_training_state, save_training_state, weights_digest

pytestmark = pytest.mark.usefixtures("home")

SMALL = ("data=digits", "data.train_size=40", "model.hidden=[6]", "batch_size=16", "epochs=3")
SYSTEM_1 = ("experiment=system_1", *SMALL)
RELU = ("optimizer=sgd", "optimizer.learning_rate=0.2", *SMALL)


def trainee(*overrides: str, resume: TrainingState | None = None) -> Trainee:
    composed = config(*overrides)
    return build_training(composed, load_splits(composed), resume)


@pytest.mark.parametrize("overrides", [SYSTEM_1, RELU])
def test_lists_and_arrays_learn_the_same(overrides: tuple[str, ...]) -> None:
    pure, numpy = (trainee(*overrides, f"engine={name}") for name in ("pure_python", "numpy"))
    epochs = list(zip(pure.training, numpy.training, strict=True))
    assert len(epochs) == 3
    for one, other in epochs:
        assert (one.number, one.train_accuracy) == (other.number, other.train_accuracy)
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
        assert one.val_loss == pytest.approx(other.val_loss, rel=1e-4)
    np.testing.assert_allclose(pure.network.parameters, numpy.network.parameters, atol=1e-4)


def test_the_network_holds_the_weights_of_the_lists() -> None:
    """NumPy takes each epoch first, in float32; its last digits must not stay."""
    pure, numpy = (trainee(*SYSTEM_1, f"engine={name}") for name in ("pure_python", "numpy"))
    next(pure.training)
    next(numpy.training)
    assert (pure.network.parameters != numpy.network.parameters).any()


def test_a_resumed_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    """The lists compute in float64. The stored state must keep all of it."""
    whole = trainee(*SYSTEM_1, "engine=pure_python")
    next(whole.training)
    file = save_training_state(whole.training.state(), tmp_path / "state.npz")
    rest = trainee(*SYSTEM_1, "engine=pure_python", resume=load_training_state(file))
    losses = [epoch.train_loss for epoch in rest.training]
    assert losses == [epoch.train_loss for epoch in whole.training]
    assert len(losses) == 2
    assert weights_digest(rest.network) == weights_digest(whole.network)


def test_the_ratio_is_printed_and_logged(tmp_path: Path) -> None:
    few = ("data=digits", "data.train_size=120", "model.hidden=[2]", "batch_size=1", "progress=on")
    done = train(tmp_path, "engine=pure_python", *few)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("after 100 of 120 batches") == 2, "progress, in each epoch"
    assert "times as fast" in done.stdout
    runs = store(tmp_path)
    [run] = runs.runs()
    assert "progress" not in run.params, "it decides nothing"
    assert (run.params["engine"], run.params["optimizer.name"]) == ("pure_python", "sgd")
    names = ("pure_python_seconds_per_sample", "numpy_seconds_per_sample", "numpy_speedup")
    [pure, numpy, speedup] = ([value for _, value in runs.history(run.run_id, n)] for n in names)
    assert len(pure) == 2, "one for each epoch"
    assert speedup == pytest.approx([a / b for a, b in zip(pure, numpy, strict=True)])
    assert min(numpy) > 0
