"""A network, or a whole training, in one ``.npz`` file: flat vectors and a JSON description.

Nothing in it is executable. This is the only file of the package that touches the disk.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from nnscratch.network import Network
from nnscratch.training_state import TrainingState

_FORMAT = 1
_NETWORK, _TRAINING = "network", "training"  # the kinds of file
_FACTS = [field.name for field in fields(TrainingState) if field.name != "vectors"]


class CheckpointError(ValueError):
    """A file that is missing, damaged, or not a checkpoint; the message names it and says why."""


def weights_digest(network: Network) -> str:
    """SHA-256 of parameters and statistics, in hexadecimal: equal exactly if all bits are."""
    little_endian = network.state.astype(network.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(little_endian.tobytes()).hexdigest()


def save_checkpoint(network: Network, path: str | Path, **metadata: Any) -> Path:
    """Writes ``network`` and JSON-compatible ``metadata`` (epoch, accuracy, …) to ``path``.

    The file appears whole or not at all: it is written under a temporary name
    beside ``path``, flushed to the disk, then renamed. Returns the path.
    """
    description = {
        "kind": _NETWORK,
        "network": network.description(),
        "weights_digest": weights_digest(network),
        "metadata": metadata,
    }
    vectors = {"parameters": network.parameters, "statistics": network.statistics}
    return _write(Path(path), vectors, description)


def load_checkpoint(path: str | Path) -> Network:
    """The network that ``save_checkpoint`` wrote. Raises ``CheckpointError``."""
    vectors, description = _read(Path(path), _NETWORK)
    try:
        network = Network.from_description(description["network"])
        network.parameters[:] = vectors["parameters"]
        network.statistics[:] = vectors.get("statistics", network.statistics)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} does not describe a network: {error}") from error
    if weights_digest(network) != description.get("weights_digest"):
        raise CheckpointError(f"{path} is damaged: its weights do not match their digest")
    return network


def checkpoint_metadata(path: str | Path) -> dict[str, Any]:
    """The ``metadata`` given to ``save_checkpoint``. Raises ``CheckpointError``."""
    return _read(Path(path), _NETWORK)[1].get("metadata", {})


def save_training_state(state: TrainingState, path: str | Path, **metadata: Any) -> Path:
    """Writes ``state`` and JSON-compatible ``metadata``, whole or not at all; returns the path."""
    description = {
        "kind": _TRAINING,
        "digest": _digest(state.vectors),
        **{name: getattr(state, name) for name in _FACTS},
        "metadata": metadata,
    }
    return _write(Path(path), state.vectors, description)


def training_state_metadata(path: str | Path) -> dict[str, Any]:
    """The ``metadata`` given to ``save_training_state``. Raises ``CheckpointError``."""
    return _read(Path(path), _TRAINING)[1].get("metadata", {})


def load_training_state(path: str | Path) -> TrainingState:
    """The state that ``save_training_state`` wrote. Raises ``CheckpointError``."""
    vectors, description = _read(Path(path), _TRAINING)
    if _digest(vectors) != description.get("digest"):
        raise CheckpointError(f"{path} is damaged: its vectors do not match their digest")
    try:
        return TrainingState(vectors=vectors, **{name: description[name] for name in _FACTS})
    except KeyError as error:
        raise CheckpointError(f"{path} lacks {error}") from error


def _digest(vectors: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(vectors):
        digest.update(f"{name} {vectors[name].dtype.str} {vectors[name].shape}".encode())
        digest.update(vectors[name].tobytes())
    return digest.hexdigest()


def _write(path: Path, vectors: Mapping[str, np.ndarray], description: dict[str, Any]) -> Path:
    """All of it or nothing; see ``save_checkpoint``."""
    text = np.str_(json.dumps({"format": _FORMAT, **description}))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, description=text, **vectors)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _read(path: Path, kind: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The vectors by name, and the description. Raises ``CheckpointError``."""
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint at {path}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            vectors = {name: archive[name] for name in archive.files}
        description = json.loads(str(vectors.pop("description")))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} is not a readable checkpoint: {error}") from error
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise CheckpointError(f"{path} is not a checkpoint of format {_FORMAT}")
    found = description.get("kind", _NETWORK)
    if found != kind:
        raise CheckpointError(f"{path} holds a {found}, not a {kind}")
    return vectors, description
