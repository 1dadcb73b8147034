"""The config of a logged run, read back from its store without trusting it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config.compose import compose_config
from experiments.config.messages import explain
from experiments.config.validation import TARGETS, validate
from experiments.datasets import DATASETS
from experiments.errors import ConfigError, StoredConfigError

_LARGEST = 100_000  # bytes; a config has about 1,000


def stored_config(file: Path) -> DictConfig:
    """The config in ``file``, as if it had been composed from ``conf/``.

    Its values are laid over the config of the same groups, so that types and keys are
    checked as on the command line; then it is validated as a whole. Nothing in it is
    evaluated: no interpolation, no ``_target_`` but those which ``conf/`` names.
    Raises ``StoredConfigError``.
    """
    try:
        values = _plain(file)
        config = _compose(values)
        merged = OmegaConf.merge(config, values)
        assert isinstance(merged, DictConfig)
        validate(merged)
    except OmegaConfBaseException as error:
        raise StoredConfigError(explain(error)) from error
    except (ConfigError, OSError, RecursionError, ValueError, yaml.YAMLError) as error:
        raise StoredConfigError(str(error)) from error
    return merged


def _plain(file: Path) -> dict[str, Any]:
    """What the file says, checked to be nothing but values."""
    if file.stat().st_size > _LARGEST:
        raise ValueError("the file is too large for a config")
    text = file.read_text(encoding="utf-8")
    # An alias stands for a value; a few levels of them, for more than any memory holds.
    if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, Loader=yaml.SafeLoader)):
        raise ValueError("the file has aliases, which no config has")
    values: Any = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    if not isinstance(values, dict):
        raise ValueError("the file holds no keys")
    for value in _leaves(values):
        if isinstance(value, str) and "${" in value:
            raise ValueError(f"the interpolation {value!r} is not evaluated")
    return values


def _leaves(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)
    else:
        yield node


def _compose(values: dict[str, Any]) -> DictConfig:
    """The config of the same groups, with the values that ``conf/`` gives them."""
    groups = {"data": DATASETS, **TARGETS}
    choices = {group: _name(values, group, names) for group, names in groups.items()}
    return compose_config([f"{group}={name}" for group, name in choices.items()])


def _name(values: dict[str, Any], group: str, names: Any) -> str:
    # A group that a run knows nothing of came later: its choice "none" changes nothing.
    chosen = values.get(group, "none")
    name = chosen.get("name") if isinstance(chosen, dict) else chosen
    if not isinstance(name, str) or name not in names:
        raise ConfigError(f"{group}.name", name, f"choose one of {', '.join(names)}")
    return name
