"""The settings that decide a result, and their digests: equal digests, equal configs."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from experiments.runs.renamed import OLD_KEYS, renamed

_LATER: dict[str, Any] = {
    "augmentation.name": "none",
    "data.test_writers": 0,
    "data.wrong_labels": 0.0,
    "early_stopping.goal": None,
    "epoch_samples": None,
    "model.output_scale": 1.0,
}
"""Options that earlier versions lack, with the values that change nothing."""


def flatten(config: DictConfig) -> dict[str, Any]:
    """The config as ``{"model.hidden": [128, 64], …}``, without targets."""

    def walk(prefix: str, node: dict[str, Any]) -> dict[str, Any]:
        flat = {}
        for key, value in node.items():
            if isinstance(value, dict):
                flat |= walk(f"{prefix}{key}.", value)
            elif key != "_target_":
                flat[f"{prefix}{key}"] = value
        return flat

    container: Any = OmegaConf.to_container(config, resolve=True)
    return walk("", container)


def deciding(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide the result, without those of logging and resuming."""
    others = ["progress", "resume"]
    if settings.get("data.name") != "mnist_and_pen" and not settings.get("data.test_writers"):
        others.append("data.pen_strokes")  # not read
    return {k: v for k, v in settings.items() if k not in others and not k.startswith("tracking.")}


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """The deciding settings as the first version would have logged them.

    Later options are left out if they change nothing, and renamed keys have their old names.
    So the digest finds the runs of every version.
    """
    known = {
        key: value
        for key, value in deciding(settings).items()
        if key not in _LATER or value != _LATER[key]
    }
    return renamed(known, OLD_KEYS)


def config_digest(settings: dict[str, Any]) -> str:
    """SHA-256 of everything that decides the result."""
    return hashlib.sha256(json.dumps(identity(settings), sort_keys=True).encode()).hexdigest()


def sweep_digest(digests: Sequence[str]) -> str:
    """SHA-256 of the digests of all combinations of a sweep. Their order does not matter."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
