"""Runs with options that are off by default: diagnostics, early stopping, schedules, averaging.

And runs with keys by their old names.
"""

from pathlib import Path

import pytest
from harness import checkpoint, store, train

from experiments.runs.filters import parse
from nnscratch import load_checkpoint, weights_digest

DIGITS = ("data=digits", "model.hidden=[16]", "batch_size=64")


def test_diagnostics_are_logged_before_the_first_step_and_after_each_epoch(
    tmp_path: Path,
) -> None:
    regular = ("model.batch_norm=true", "model.dropout=0.2", "schedule=cosine", "optimizer=adamw")
    done = train(tmp_path, *DIGITS, *regular, "epochs=3", "diagnostics=on")
    assert done.returncode == 0, done.stderr
    runs = store(tmp_path)
    [run] = runs.runs()
    names = {name for name in run.metrics if name.startswith("diagnostics/")}
    measured = {"activation_mean", "activation_std", "sample_std"}
    learning = measured | {"gradient_norm", "update_ratio"}
    layers = {
        "1.Linear": learning | {"distinct_units"},
        "2.BatchNorm": learning,
        "3.ReLU": measured | {"dead_fraction"},
        "4.Dropout": measured,
        "5.Linear": learning | {"distinct_units"},
    }
    whole = {
        "train_accuracy",
        "gradient_noise",
        "misclassified_gradient",
        "misclassified_vanishing",
    }
    by_layer = {f"{layer}/{name}" for layer, found in layers.items() for name in found}
    assert names == {f"diagnostics/{name}" for name in whole | by_layer}
    for name in names:
        assert [step for step, _ in runs.history(run.run_id, name)] == [0, 1, 2, 3], name
    rates = [rate for _, rate in runs.history(run.run_id, "learning_rate")]
    assert rates == sorted(rates, reverse=True)
    assert run.params["diagnostics"] == "True"
    assert run.params["schedule.name"] == "cosine"


def test_early_stopping_ends_a_run_with_its_best_weights(tmp_path: Path) -> None:
    done = train(
        tmp_path,
        *DIGITS,
        "epochs=50",
        "optimizer.learning_rate=0.1",
        "early_stopping.patience=2",
        "max_gradient_norm=1",
    )
    assert done.returncode == 0, done.stderr
    runs = store(tmp_path)
    [run] = runs.runs()
    losses = [loss for _, loss in runs.history(run.run_id, "val_loss")]
    assert len(losses) < 50
    assert losses.index(min(losses)) == len(losses) - 3
    assert run.status == "FINISHED"


def test_averaged_weights_are_what_is_saved(tmp_path: Path) -> None:
    for ema_decay in ("null", "0.99"):
        done = train(tmp_path, *DIGITS, "epochs=2", f"ema_decay={ema_decay}")
        assert done.returncode == 0, done.stderr
    runs = store(tmp_path)
    averaged, plain = runs.runs()
    assert averaged.tags["nnscratch.weights_digest"] != plain.tags["nnscratch.weights_digest"]
    last = load_checkpoint(checkpoint(runs, averaged.run_id, "last"))
    assert weights_digest(last) == averaged.tags["nnscratch.weights_digest"]
    [(_, train_loss)] = runs.history(plain.run_id, "train_loss")[:1]
    [(_, same)] = runs.history(averaged.run_id, "train_loss")[:1]
    assert same == pytest.approx(train_loss, abs=0), "the training itself is the same"


def test_a_diverged_run_names_epoch_batch_layer_and_rate(tmp_path: Path) -> None:
    done = train(tmp_path, *DIGITS, "optimizer=sgd", "optimizer.learning_rate=1e30")
    assert done.returncode == 1
    [run] = store(tmp_path).runs()
    assert run.status == "FAILED"
    assert run.tags["nnscratch.diverged"] == "true"
    for part in ("epoch 1", "batch", "Linear", "1e+30"):
        assert part in run.tags["nnscratch.error"]


def test_a_sweep_may_name_keys_by_their_old_names(tmp_path: Path) -> None:
    """In a preset of the user's own, and on the command line."""
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "mine.yaml").write_text(
        "# @package _global_\nhydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n"
        "      augmentation: affine\n      augmentation.turn: 0,0.2\n"
    )
    small = ("data.train_size=100", "model.hidden=[2]", "epochs=1", "launcher=serial")
    mine = ("--config-dir", ".", "sweep=mine", "augmentation.shift=0,1")
    done = train(tmp_path, *mine, "data=digits", *small)
    assert done.returncode == 0, done.stderr
    runs = store(tmp_path).runs()
    keys = ("augmentation.rotation", "augmentation.translation")
    found = sorted(tuple(float(run.params[key]) for key in keys) for run in runs)
    assert found == [(0, 0), (0, 1), (0.2, 0), (0.2, 1)]
    for typed in ("augmentation.turn=0.2", "turn=0.2", "rotation=0.2"):
        assert len(parse(typed).choose(runs)) == 2


def test_a_preset_with_an_old_key_is_told_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /augmentation: affine\n"
        "augmentation:\n  turn: 0.2\n"
    )
    done = train(tmp_path, "--config-dir", ".", "experiment=mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "experiment/mine.yaml: augmentation.turn is called augmentation.rotation now\n"
    )
