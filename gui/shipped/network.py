"""Weights of 8 bits: each unit has a scale, and its weights are whole multiples of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from nnscratch import Network
from nnscratch.storage.plain_weights import linear_layers

FILE = Path(__file__).with_name("network.npz")
_LARGEST = 127  # of an int8


def shipped_network() -> Network:
    """The network that comes with the window."""
    with np.load(FILE, allow_pickle=False) as file:
        network = Network.from_description(json.loads(file["description"].tobytes()))
        for number, layer in enumerate(linear_layers(network)):
            layer.weights[:] = file[f"weights_{number}"] * file[f"scales_{number}"]
            layer.biases[:] = file[f"biases_{number}"]
    return network


def save_shipped(network: Network, file: Path = FILE) -> None:
    """Rounds the weights of a network to 8 bits, and writes it to a file.

    Raises ``ValueError`` for a network with other parameters, such as those of ``BatchNorm``.
    """
    description = np.frombuffer(json.dumps(network.description()).encode(), np.uint8)
    arrays: dict[str, Any] = {"description": description}
    for number, layer in enumerate(linear_layers(network)):
        scales = np.abs(layer.weights).max(axis=0) / _LARGEST  # (fan_out,)
        arrays[f"weights_{number}"] = np.rint(layer.weights / scales).astype(np.int8)
        arrays[f"scales_{number}"], arrays[f"biases_{number}"] = scales, layer.biases
    np.savez_compressed(file, **arrays)
