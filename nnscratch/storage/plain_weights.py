"""The weights of a network as other programs store them: an ``.npz`` of W and b per layer.

Unlike a checkpoint, such a file does not describe the network, and has no digest.
"""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnscratch.layers import AbstractLinear, ParametricLayer
from nnscratch.network import Network
from nnscratch.storage.archive import write_npz
from nnscratch.storage.checkpoint import CheckpointError

_NAME = re.compile(r"([a-z]+[_.]?)??(\d*)[_.]?(w|weights?|b|bias|biases)[_.]?(\d*)", re.IGNORECASE)
_HEADER = 64 * 1024  # bytes: more than any .npy header takes


def save_plain_weights(network: Network, path: str | Path) -> Path:
    """Writes W1 (fan_in, fan_out), b1 (fan_out,), W2, b2, … to ``path``, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, layer in enumerate(_linear_layers(network), start=1):
        arrays |= {f"W{number}": layer.weights, f"b{number}": layer.biases}
    return write_npz(Path(path), arrays)


def load_plain_weights(network: Network, path: str | Path) -> None:
    """Fills the ``Linear`` layers of ``network`` from a file of any program.

    Its arrays are called ``W1`` and ``b1``, ``weights_0`` and ``bias_0``, ``layer1.W``, …: a number
    for each layer, in rising order. W is (fan_in, fan_out), or (fan_out, fan_in) in all layers,
    for programs that keep samples in columns. If all matrices are square, they count as
    (fan_in, fan_out). b has ``fan_out`` entries in any shape. Raises ``CheckpointError`` for any
    other file, and then changes nothing.
    """
    layers = _linear_layers(network)
    try:
        weights, biases = _by_layer(_arrays(Path(path), network))
        if len(weights) != len(layers):
            raise ValueError(f"it holds {len(weights)} layers, the network has {len(layers)}")
        shapes = [(layer.fan_in, layer.fan_out) for layer in layers]
        found = [matrix.shape for matrix in weights]
        if found != shapes and found == [shape[::-1] for shape in shapes]:
            weights = [matrix.T for matrix in weights]
        for number, (matrix, bias, shape) in enumerate(
            zip(weights, biases, shapes, strict=True), start=1
        ):
            if matrix.shape != shape or bias.size != shape[1]:
                raise ValueError(
                    f"layer {number} has weights {matrix.shape} and biases {bias.shape}, the "
                    f"network's weights are {shape} (or {shape[::-1]} in all layers) and its "
                    f"biases ({shape[1]},)"
                )
    except (OSError, ValueError) as error:
        message = f"{path} does not hold the weights of this network: {error}"
        raise CheckpointError(message) from error
    for layer, matrix, bias in zip(layers, weights, biases, strict=True):
        layer.weights[:], layer.biases[:] = matrix, bias.ravel()


def _linear_layers(network: Network) -> list[AbstractLinear]:
    parametric = [layer for layer in network.layers if isinstance(layer, ParametricLayer)]
    layers = [layer for layer in parametric if isinstance(layer, AbstractLinear)]
    if len(layers) < len(parametric):
        raise ValueError("a plain file has a W and a b per layer: BatchNorm needs a checkpoint")
    return layers


def _arrays(path: Path, network: Network) -> Mapping[str, NDArray[Any]]:
    """All arrays of the file, none of them larger than the network."""
    most = 8 * network.parameters.size + _HEADER
    try:
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                if any(member.file_size > most for member in archive.infolist()):
                    raise ValueError("it holds an array that is larger than the whole network")
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                return dict(archive)
    except (OSError, ValueError):
        raise
    except Exception as error:  # zipfile and NumPy raise errors of many types: zlib.error, …
        raise ValueError(f"it is cut, damaged, or no .npz file ({error})") from error


def _by_layer(
    arrays: Mapping[str, NDArray[Any]],
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """The W and the b of each layer, in the order of the numbers in their names."""
    numbered: dict[str, dict[int, NDArray[Any]]] = {"w": {}, "b": {}}
    for name, array in arrays.items():
        match = _NAME.fullmatch(name)
        number = match and (match[2] or match[4])
        if match is None or not number:
            raise ValueError(f"its {name!r} is neither a layer's W nor its b, such as W1 or b1")
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"its {name!r} holds other things than finite floats")
        numbered[match[3][0].lower()][int(number)] = array
    if numbered["w"].keys() != numbered["b"].keys() or 2 * len(numbered["w"]) != len(arrays):
        raise ValueError(f"its {', '.join(arrays)} are not one W and one b for each layer")
    order = sorted(numbered["w"])
    return [numbered["w"][i] for i in order], [numbered["b"][i] for i in order]
