"""What makes two configs the same: settings that decide a result, and their digests."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

_LATER: dict[str, Any] = {
    "augmentation.name": "none",
    "data.test_writers": 0,
    "data.wrong_labels": 0.0,
    "early_stopping.goal": None,
    "epoch_samples": None,
    "model.output_scale": 1.0,
}
"""Settings that came after runs had been logged, at the values which those runs had in effect."""


def flatten(config: DictConfig) -> dict[str, Any]:
    """The config as ``{"model.hidden": [128, 64], …}``: what the user set, without targets."""

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
    """The settings that decide the result: not where a run is logged, or how it was come by."""
    beside = ["progress", "resume"]
    if settings.get("data.name") != "mnist_and_pen" and not settings.get("data.test_writers"):
        beside.append("data.pen_strokes")  # nobody reads them
    return {k: v for k, v in settings.items() if k not in beside and not k.startswith("tracking.")}


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """The same without what changes nothing: so a new option leaves old runs what they were."""
    return {
        key: value
        for key, value in deciding(settings).items()
        if key not in _LATER or value != _LATER[key]
    }


def config_digest(settings: dict[str, Any]) -> str:
    """SHA-256 of everything that decides the result."""
    return hashlib.sha256(json.dumps(identity(settings), sort_keys=True).encode()).hexdigest()


def sweep_digest(combinations: Sequence[dict[str, Any]]) -> str:
    """SHA-256 of all combinations of a sweep, in whatever order they run."""
    digests = sorted(config_digest(settings) for settings in combinations)
    return hashlib.sha256("".join(digests).encode()).hexdigest()
