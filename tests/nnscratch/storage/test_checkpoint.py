"""Checkpoints: what they store, and that a failed write leaves the old file."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from nnscratch import (
    CheckpointError,
    checkpoint_metadata,
    load_checkpoint,
    mlp,
    save_checkpoint,
    weights_digest,
)
from nnscratch.storage.checkpoint import _digest


@pytest.mark.parametrize("output", ["logits", "softmax", "sigmoid", "linear", "sigmoid_logits"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_equals_the_saved_one(tmp_path: Path, output, dtype: type) -> None:
    network = mlp([6, 5, 3], activation="tanh", output=output, seed=4, dtype=dtype)
    path = save_checkpoint(network, tmp_path / "deep" / "best.npz", epoch=3)
    loaded = load_checkpoint(path)
    inputs = np.random.default_rng(0).normal(size=(4, 6))
    np.testing.assert_array_equal(loaded.parameters, network.parameters)
    np.testing.assert_array_equal(loaded.predict_proba(inputs), network.predict_proba(inputs))
    assert weights_digest(loaded) == weights_digest(network)
    assert checkpoint_metadata(path) == {"epoch": 3}
    assert [file.name for file in path.parent.iterdir()] == ["best.npz"]


def test_running_statistics_and_settings_of_layers_come_back(tmp_path: Path) -> None:
    network = mlp([6, 5, 3], activation="elu", batch_norm=True, dropout=0.3, seed=4)
    rng = np.random.default_rng(0)
    for _ in range(3):
        network.forward(rng.normal(size=(8, 6)))
    loaded = load_checkpoint(save_checkpoint(network, tmp_path / "best.npz"))
    inputs = rng.normal(size=(4, 6))
    np.testing.assert_array_equal(loaded.state, network.state)
    np.testing.assert_array_equal(loaded.predict_proba(inputs), network.predict_proba(inputs))
    assert loaded.description() == network.description()


@pytest.mark.parametrize("statistics", [True, False])
def test_a_checkpoint_of_the_first_format_still_loads(tmp_path: Path, statistics: bool) -> None:
    """Its digest covers only the weights. The oldest checkpoints hold no statistics."""
    network = mlp([3, 2], seed=0)
    description = {
        "format": 1,
        "network": network.description(),
        "weights_digest": weights_digest(network),
        "metadata": {"epoch": 3},
    }
    vectors = {"parameters": network.parameters}
    if statistics:
        vectors["statistics"] = network.statistics
        description["kind"] = "network"
    path = tmp_path / "old.npz"
    np.savez(path, allow_pickle=True, description=np.str_(json.dumps(description)), **vectors)
    np.testing.assert_array_equal(load_checkpoint(path).parameters, network.parameters)
    assert checkpoint_metadata(path) == {"epoch": 3}
    network.parameters[0] += 1
    np.savez(path, allow_pickle=True, description=np.str_(json.dumps(description)), **vectors)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("output", "word"),
    [("logits", "softmax"), ("sigmoid_logits", "sigmoid"), ("sigmoid", "identity")],
)
def test_a_checkpoint_in_the_words_of_version_0_1_still_loads(tmp_path: Path, output, word) -> None:
    """It names what turns the outputs into probabilities, instead of what the outputs are."""
    network = mlp([3, 2], output=output, seed=0)
    description = network.description()
    del description["outputs"]
    text = json.dumps(
        {"format": 2, "kind": "network", "network": {**description, "output_activation": word}}
    )
    vectors = {"parameters": network.parameters, "statistics": network.statistics}
    digest = np.str_(_digest(vectors, text))
    path = tmp_path / "old.npz"
    np.savez(path, allow_pickle=True, description=np.str_(text), digest=digest, **vectors)
    loaded, inputs = load_checkpoint(path), [[1.0, 0.0, 1.0]]
    assert loaded.description() == network.description()
    np.testing.assert_array_equal(loaded.predict_proba(inputs), network.predict_proba(inputs))


def test_without_statistics_the_digest_is_that_of_the_parameters() -> None:
    """Logged results stay comparable with those of earlier versions."""
    network = mlp([3, 4, 2], seed=0)
    assert weights_digest(network) == hashlib.sha256(network.parameters.tobytes()).hexdigest()


def test_the_digest_sees_the_statistics() -> None:
    network = mlp([3, 4, 2], seed=0, batch_norm=True)
    before = weights_digest(network)
    network.statistics[0] += 1
    assert weights_digest(network) != before


def test_the_digest_sees_a_single_bit() -> None:
    network = mlp([3, 2], seed=0)
    before = weights_digest(network)
    network.parameters[0] = np.nextafter(network.parameters[0], np.float32(1))
    assert weights_digest(network) != before


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = save_checkpoint(mlp([3, 2], seed=0), tmp_path / "last.npz")
    content = path.read_bytes()
    with pytest.raises(TypeError):
        save_checkpoint(mlp([3, 2], seed=1), path, not_json=object())
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["last.npz"]  # noqa: PTH208


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no checkpoint at .*nowhere\.npz"):
        load_checkpoint(tmp_path / "nowhere.npz")
