"""The weights of a network as other programs store them: an ``.npz`` of W and b per layer.

Unlike a checkpoint, such a file does not describe the network, and has no digest.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnscratch.layers import AbstractLinear, ParametricLayer
from nnscratch.network import Network
from nnscratch.storage.archive import write_npz
from nnscratch.storage.array_headers import Header, array_headers, listed
from nnscratch.storage.checkpoint import CheckpointError
from nnscratch.storage.foreign_file import description
from nnscratch.typing import FloatDType

Shape: TypeAlias = tuple[int, ...]
Pairs: TypeAlias = list[tuple[str, str]]
"""The names of the W and the b of each layer."""

_WORD_OR_NUMBER = re.compile(r"[a-z]+|\d+")
_WEIGHTS, _BIASES = {"w", "weight", "weights", "kernel"}, {"b", "bias", "biases"}


def save_plain_weights(network: Network, path: str | Path) -> Path:
    """Writes W1 (fan_in, fan_out), b1 (fan_out,), W2, b2, … to ``path``, whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, layer in enumerate(linear_layers(network), start=1):
        arrays |= {f"W{number}": layer.weights, f"b{number}": layer.biases}
    return write_npz(Path(path), arrays)


def load_plain_weights(network: Network, path: str | Path) -> None:
    """Fills the ``Linear`` layers of ``network`` from a file of any program.

    Its arrays are called ``W1`` and ``b1``, ``weights_0`` and ``bias_0``, ``stack.0.weight``, …: a
    number for each layer, in rising order. Arrays with other names, such as ``arr_0`` or
    ``hidden_weights``, are read if only one order fits the shapes. W is (fan_in, fan_out), or
    (fan_out, fan_in) in all layers, for programs that keep samples in columns. If all matrices are
    square, they count as (fan_in, fan_out). b has ``fan_out`` entries in any shape. Raises
    ``CheckpointError`` for any other file, and then changes nothing.
    """
    layers, file = linear_layers(network), Path(path)
    shapes = [(layer.fan_in, layer.fan_out) for layer in layers]
    try:
        headers = _headers(file)
        pairs = _pairs(headers, shapes)
        arrays = _read(file, (name for pair in pairs for name in pair), network.dtype)
    except (OSError, ValueError) as error:
        message = f"{path} does not hold the weights of this network: {error}"
        raise CheckpointError(message) from error
    transposed = [arrays[weights].shape for weights, _ in pairs] != shapes
    for layer, (weights, biases) in zip(layers, pairs, strict=True):
        layer.weights[:] = arrays[weights].T if transposed else arrays[weights]
        layer.biases[:] = arrays[biases].ravel()


def linear_layers(network: Network) -> list[AbstractLinear]:
    """The layers with a W and a b. Raises ``ValueError`` if others have parameters too."""
    parametric = [layer for layer in network.layers if isinstance(layer, ParametricLayer)]
    layers = [layer for layer in parametric if isinstance(layer, AbstractLinear)]
    if len(layers) < len(parametric):
        raise ValueError("a plain file has a W and a b per layer: BatchNorm needs a checkpoint")
    return layers


def _headers(file: Path) -> dict[str, Header]:
    """The type and shape of each array. Raises ``ValueError`` with what the file is instead."""
    if not file.is_file():
        raise ValueError("there is no such file")
    try:
        return array_headers(file)
    except ValueError as error:
        known = description(file)
        raise ValueError(f"it is {known}" if known else str(error)) from error


def _pairs(headers: Mapping[str, Header], shapes: Sequence[Shape]) -> Pairs:
    """The arrays of each layer. Raises ``ValueError`` if not exactly one order fits."""
    numbered, sizes = _by_number(headers), [shape[1] for shape in shapes]
    for wanted in (shapes, [shape[::-1] for shape in shapes]):
        pairs = numbered or _by_shape(headers, wanted, sizes)
        found = [(headers[weights].shape, headers[biases].size) for weights, biases in pairs]
        if found == list(zip(wanted, sizes, strict=True)):
            return pairs
    needed = ", ".join(f"W{i} {shape}, b{i} ({shape[1]},)" for i, shape in enumerate(shapes, 1))
    raise ValueError(
        f"it holds {listed(headers)}; the network needs {needed}, with other names only if the "
        "shapes allow one order"
    )


def _by_number(names: Iterable[str]) -> Pairs:
    """The pairs in the order of the numbers in their names; empty if the names don't say it."""
    found: dict[tuple[int, bool], str] = {}
    for name in names:
        words = _WORD_OR_NUMBER.findall(name.lower())
        numbers = [int(word) for word in words if word.isdecimal()]
        kinds = [word in _WEIGHTS for word in words if word in _WEIGHTS | _BIASES]
        if len(numbers) != 1 or len(kinds) != 1 or (numbers[0], kinds[0]) in found:
            return []
        found[numbers[0], kinds[0]] = name
    order = sorted({number for number, _ in found})
    if len(found) != 2 * len(order):
        return []
    return [(found[number, True], found[number, False]) for number in order]


def _by_shape(
    headers: Mapping[str, Header], matrices: Sequence[Shape], sizes: Sequence[int]
) -> Pairs:
    """The pairs of these W, with b of these sizes; empty unless there is only one choice."""
    weights = [[name for name in headers if headers[name].shape == shape] for shape in matrices]
    biases = [[name for name in headers if headers[name].size == size] for size in sizes]
    choices = [*weights, *biases]
    if any(len(names) != 1 for names in choices) or len(headers) != len(choices):
        return []
    return [(w, b) for [w], [b] in zip(weights, biases, strict=True)]


def _read(file: Path, names: Iterable[str], dtype: FloatDType) -> dict[str, NDArray[Any]]:
    """These arrays. Raises ``ValueError`` for anything but finite floats within ``dtype``."""
    try:
        with file.open("rb") as content, np.load(content, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except (OSError, ValueError):
        raise
    except Exception as error:  # zipfile and NumPy raise errors of many types: zlib.error, …
        raise ValueError(f"it is cut, damaged, or no .npz file ({error})") from error
    for name, array in arrays.items():
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"its {name!r} holds other things than finite floats")
        if (largest := np.abs(array).max()) > np.finfo(dtype).max:
            raise ValueError(f"its {name!r} holds {largest:.3g}, too large for {np.dtype(dtype)}")
    return arrays
