"""Files of other programs are named, never unpickled, and the command that converts them works."""

import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nnscratch import CheckpointError, Linear, load_checkpoint, load_plain_weights, mlp

SIZES = [6, 4, 3]
NETWORK = mlp(SIZES, bias_init="normal:1", seed=7)
LAYERS = [layer for layer in NETWORK.layers if isinstance(layer, Linear)]


class Bomb:
    """Unpickling one ends the process."""

    def __reduce__(self):
        return os._exit, (99,)


def refusal(path: Path, content: bytes) -> str:
    """The message of both readers, which is one line and names the file."""
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as refused:
        load_plain_weights(mlp(SIZES), path)
    with pytest.raises(CheckpointError) as also:
        load_checkpoint(path)
    message = str(refused.value)
    assert str(also.value).partition(": it is ")[2] == message.partition(": it is ")[2]
    assert "\n" not in message
    assert str(path) in message
    return message


def run_command_of(message: str, folder: Path) -> None:
    command = "python -c " + message.partition("python -c ")[2].rpartition(" makes ")[0]
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, shell=True, check=True, cwd=folder, env=variables)


def test_the_command_for_nielsens_json_makes_weights_of_it(tmp_path: Path) -> None:
    network = {
        "sizes": SIZES,
        "weights": [layer.weights.T.tolist() for layer in LAYERS],
        "biases": [layer.biases[:, None].tolist() for layer in LAYERS],
    }
    message = refusal(tmp_path / "it's a net.json", json.dumps(network).encode())
    assert "is JSON" in message
    run_command_of(message, tmp_path)
    loaded = mlp(SIZES)
    load_plain_weights(loaded, tmp_path / "it's a net_converted.npz")
    np.testing.assert_array_equal(loaded.parameters, NETWORK.parameters)


def test_the_command_for_pickled_arrays_makes_weights_of_them(tmp_path: Path) -> None:
    pickled = np.empty(4, object)
    pickled[:] = [array for layer in LAYERS for array in (layer.weights, layer.biases)]
    np.save(tmp_path / "weights.npy", pickled, allow_pickle=True)
    message = refusal(tmp_path / "weights.npy", (tmp_path / "weights.npy").read_bytes())
    assert "an .npy file of (4,) pickled objects" in message
    run_command_of(message, tmp_path)
    loaded = mlp(SIZES)
    load_plain_weights(loaded, tmp_path / "weights_converted.npz")
    np.testing.assert_array_equal(loaded.parameters, NETWORK.parameters)


@pytest.mark.parametrize("columns", [False, True])
def test_the_command_for_plain_weights_makes_a_checkpoint_of_them(
    tmp_path: Path, columns: bool
) -> None:
    arrays = {
        **{
            f"w{i}": layer.weights.T if columns else layer.weights for i, layer in enumerate(LAYERS)
        },
        **{f"b{i}": layer.biases for i, layer in enumerate(LAYERS)},
    }
    np.savez(tmp_path / "plain.npz", allow_pickle=False, **arrays)
    with pytest.raises(CheckpointError, match=r"foreign \.npz file of w0 float32") as refused:
        load_checkpoint(tmp_path / "plain.npz")
    run_command_of(str(refused.value), tmp_path)
    loaded = load_checkpoint(tmp_path / "plain_converted.npz")
    np.testing.assert_array_equal(loaded.parameters, NETWORK.parameters)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        *((pickle.dumps(Bomb(), protocol), "is a pickle") for protocol in (2, 4, 5)),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file, as Keras"),
        (b"\x60\0\0\0\0\0\0\0" + b'{"fc1.weight":{"dtype":"F32"}}', "a safetensors file"),
        (b"\n<!DOCTYPE html><title>404</title>", "a web page"),
        (b"[[0.1, 0.2]]", "is JSON"),
    ],
)
def test_the_kind_of_a_file_is_named(tmp_path: Path, content: bytes, named: str) -> None:
    assert named in refusal(tmp_path / "weights", content)


def test_a_file_of_pytorch_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Bomb()))
    message = refusal(tmp_path / "model.pt", (tmp_path / "model.pt").read_bytes())
    assert "a PyTorch file" in message
    assert "weights_only=True" in message


def test_a_single_array_is_named_with_its_shape(tmp_path: Path) -> None:
    np.save(tmp_path / "W.npy", np.zeros((6, 4)))
    message = refusal(tmp_path / "W.npy", (tmp_path / "W.npy").read_bytes())
    assert "an .npy file of a single array, float64 (6, 4)" in message


def test_the_names_of_arrays_are_made_printable(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", allow_pickle=False, **{"\x1b[2J\nW" * 20: np.zeros((2, 2))})
    with pytest.raises(CheckpointError) as refused:
        load_plain_weights(mlp(SIZES), tmp_path / "w.npz")
    assert str(refused.value).isprintable()
