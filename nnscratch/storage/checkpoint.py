"""A network, or a whole training, in one ``.npz`` file: flat vectors and a JSON description.

Nothing in it is executable, and a digest covers all of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnscratch.flat_vector import size_of
from nnscratch.layers import ParametricLayer
from nnscratch.network import Network, layers_from_description
from nnscratch.storage import foreign_file
from nnscratch.storage.archive import read_archive, write_npz
from nnscratch.training.state import TrainingState
from nnscratch.typing import FloatArray

_FORMAT = 2
_BEFORE_DIGEST = 1  # the format whose digest covers only the vectors
_NETWORK, _TRAINING = "network", "training"  # the kinds of file
_FACTS = [field.name for field in fields(TrainingState) if field.name != "vectors"]
_VECTORS = {  # the names that each kind may hold
    _NETWORK: r"parameters|statistics",
    _TRAINING: r"parameters|statistics|average|moment\..+",
}
_COUNTS = ("epoch", "step", "averaged")
_MOST = 2**53  # of any of them: exact as a float, too
_OLD_OUTPUTS = {"softmax": "logits", "sigmoid": "sigmoid_logits", "identity": "scores"}
_OLD_SETTINGS = {
    "augmentation.turn": "augmentation.rotation",
    "augmentation.slant": "augmentation.shear",
    "augmentation.stretch": "augmentation.scale",
    "augmentation.shift": "augmentation.translation",
}
_SHOWN = 200  # characters of an error message that quotes a file


class CheckpointError(ValueError):
    """A file that is missing, damaged, or not a checkpoint; the message names it and says why."""


def weights_digest(network: Network) -> str:
    """SHA-256 of parameters and statistics, in hexadecimal: equal if and only if all bits are."""
    little_endian = network.state.astype(network.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(little_endian.tobytes()).hexdigest()


# --- a network ----------------------------------------------------------------------------


def save_checkpoint(network: Network, path: str | Path, **metadata: Any) -> Path:
    """Writes ``network`` and JSON-compatible ``metadata`` (epoch, accuracy, …) to ``path``.

    The file appears whole or not at all (``write_npz``). Returns the path.
    """
    description = {"kind": _NETWORK, "network": network.description(), "metadata": metadata}
    vectors = {"parameters": network.parameters, "statistics": network.statistics}
    return _write(Path(path), vectors, description)


def load_checkpoint(path: str | Path) -> Network:
    """The network that ``save_checkpoint`` wrote. Raises ``CheckpointError``."""
    vectors, description = _read(Path(path), _NETWORK)
    # The first files have no statistics: no layer measured anything.
    vectors.setdefault("statistics", np.empty(0, vectors["parameters"].dtype))
    try:
        translated = _network_of(description)
        _check_sizes(vectors, translated)
        network = Network.from_description(translated)
    except _UNFIT as error:
        raise CheckpointError(f"{path} does not hold a network: {_brief(error)}") from error
    network.parameters[:] = vectors["parameters"]
    network.statistics[:] = vectors["statistics"]
    if description["format"] == _BEFORE_DIGEST:
        _check_digest(path, weights_digest(network), description.get("weights_digest"))
    return network


def checkpoint_metadata(path: str | Path) -> dict[str, Any]:
    """The ``metadata`` given to ``save_checkpoint``. Raises ``CheckpointError``."""
    return _read(Path(path), _NETWORK)[1]["metadata"]


# --- a training ---------------------------------------------------------------------------


def save_training_state(state: TrainingState, path: str | Path, **metadata: Any) -> Path:
    """Writes ``state`` and JSON-compatible ``metadata`` as ``save_checkpoint`` does."""
    facts = {name: getattr(state, name) for name in _FACTS}
    return _write(Path(path), state.vectors, {"kind": _TRAINING, **facts, "metadata": metadata})


def load_training_state(path: str | Path) -> TrainingState:
    """The state that ``save_training_state`` wrote. Raises ``CheckpointError``."""
    vectors, description = _read(Path(path), _TRAINING)
    if description["format"] == _BEFORE_DIGEST:
        _check_digest(path, _digest(vectors), description.get("digest"))
    try:
        description["network"] = _network_of(description)
        _check_sizes(vectors, description["network"], exact="parameters")
        _check_facts(description)
        description["settings"] = {
            _OLD_SETTINGS.get(name, name): value for name, value in description["settings"].items()
        }
    except _UNFIT as error:
        raise CheckpointError(f"{path} does not hold a training: {_brief(error)}") from error
    native = {
        name: vector.astype(vector.dtype.newbyteorder("=")) for name, vector in vectors.items()
    }
    return TrainingState(vectors=native, **{name: description[name] for name in _FACTS})


def training_state_metadata(path: str | Path) -> dict[str, Any]:
    """The ``metadata`` given to ``save_training_state``. Raises ``CheckpointError``."""
    return _read(Path(path), _TRAINING)[1]["metadata"]


def _network_of(description: Mapping[str, Any]) -> dict[str, Any]:
    """The network's description in the words of this version.

    Earlier ones named what turns outputs into probabilities: ``"output_activation": "softmax"``
    stands for ``"outputs": "logits"``.
    """
    network = dict(description["network"])
    if "output_activation" in network:
        network["outputs"] = _OLD_OUTPUTS[network.pop("output_activation")]
    return network


_UNFIT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a description with values of wrong types or sizes may raise."""


def _check_sizes(
    vectors: Mapping[str, FloatArray], description: Mapping[str, Any], exact: str = ""
) -> None:
    """The described network has exactly as many numbers as the file, so there is memory for it.

    The vector named ``exact`` may be in float64 although the network is in float32.
    """
    layers = layers_from_description(description)
    parametric = [layer for layer in layers if isinstance(layer, ParametricLayer)]
    parameters = size_of([layer.parameter_shapes for layer in parametric])
    statistics = size_of([layer.statistic_shapes for layer in parametric])
    for name, vector in vectors.items():
        described = statistics if name == "statistics" else parameters
        if type(described) is not int or len(vector) != described:
            raise ValueError(f"{len(vector)} {name} for layers of {described}")
        allowed = (description["dtype"], *(("float64",) if name == exact else ()))
        if vector.dtype.name not in allowed:
            raise ValueError(f"{name} in {vector.dtype.name} for layers in {description['dtype']}")


def _check_facts(description: Mapping[str, Any]) -> None:
    """What resuming relies on: later, nothing could refuse the generators any more."""
    for name in _COUNTS:
        if type(description[name]) is not int or not 0 <= description[name] < _MOST:
            raise ValueError(f"{name} is {description[name]!r}")
    for state in description["generators"].values():
        np.random.PCG64().state = state
    if not isinstance(description["optimizer"], str):
        raise ValueError(f"optimizer is {description['optimizer']!r}")
    if not isinstance(description["settings"], dict):
        raise ValueError(f"settings are {description['settings']!r}")


def _check_digest(path: str | Path, found: str, expected: object) -> None:
    if found != expected:
        raise CheckpointError(f"{path} is damaged: its content does not match its digest")


def _brief(error: Exception) -> str:
    text = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


def _digest(vectors: Mapping[str, FloatArray], text: str = "") -> str:
    digest = hashlib.sha256()
    for name in sorted(vectors):
        digest.update(f"{name} {vectors[name].dtype.str} {vectors[name].shape}".encode())
        digest.update(vectors[name].tobytes())
    digest.update(text.encode())
    return digest.hexdigest()


def _write(path: Path, vectors: Mapping[str, FloatArray], description: dict[str, Any]) -> Path:
    text = json.dumps({"format": _FORMAT, **description})
    texts: dict[str, NDArray[Any]] = {
        "description": np.array(text),
        "digest": np.array(_digest(vectors, text)),
    }
    return write_npz(path, texts | dict(vectors))


def _read(path: Path, kind: str) -> tuple[dict[str, FloatArray], dict[str, Any]]:
    """The vectors by name, and the description. Raises ``CheckpointError``."""
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint at {path}")
    try:
        with path.open("rb") as file:
            vectors, texts = read_archive(file)
        description = _description(texts)
        _check_names(vectors, description["kind"])
    except (OSError, RecursionError, TypeError, ValueError) as error:
        known = None if isinstance(error, OSError) else foreign_file.description(path)
        reason = f"it is {known}" if known else _brief(error)
        raise CheckpointError(f"{path} is not a readable checkpoint: {reason}") from error
    if description["kind"] != kind:
        raise CheckpointError(f"{path} holds a {description['kind']}, not a {kind}")
    if description["format"] != _BEFORE_DIGEST:
        _check_digest(path, _digest(vectors, texts["description"]), texts.get("digest"))
    return vectors, description


def _description(texts: Mapping[str, str]) -> dict[str, Any]:
    """The description, with a known format and kind, and metadata; the caller checks the rest."""
    if "description" not in texts:
        raise ValueError("it is a foreign file, without a description of a network")
    description = json.loads(texts["description"])
    if not isinstance(description, dict) or "format" not in description:
        raise ValueError("its description is not that of a network")
    written = description["format"]
    if written not in (_BEFORE_DIGEST, _FORMAT):
        raise ValueError(f"it is of format {written!r}, this version reads 1 to {_FORMAT}")
    description = {"kind": _NETWORK, "metadata": {}, **description}
    if description["kind"] not in _VECTORS or not isinstance(description["metadata"], dict):
        raise ValueError("its description is not that of a network or a training")
    return description


def _check_names(vectors: Mapping[str, FloatArray], kind: str) -> None:
    if "parameters" not in vectors:
        raise ValueError("it lacks the parameters")
    for name in vectors:
        if not re.fullmatch(_VECTORS[kind], name):
            raise ValueError(f"it holds {name!r}, which no {kind} has")
