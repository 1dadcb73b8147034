"""The config of a logged run, read from its store as untrusted data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config.compose import compose_config
from experiments.config.messages import explain
from experiments.config.validation import TARGETS, validate
from experiments.errors import ConfigError, StoredConfigError
from experiments.runs.renamed import renamed_group

_LARGEST = 100_000  # bytes; a config has about 1,000
_LONGEST_LINE = 400  # characters of a message


def stored_config(file: Path) -> DictConfig:
    """The config in ``file``, as if it had been composed from ``conf/``.

    Its values are merged into the config of the same groups, so types and keys are checked as on
    the command line. Then the whole is validated. Nothing in the file is evaluated: no
    interpolation, and no ``_target_`` except those in ``conf/``.
    Raises ``StoredConfigError``.
    """
    try:
        values = _plain(file)
        choices = [f"{group}={_name(values, group, names)}" for group, names in TARGETS.items()]
        merged = OmegaConf.merge(compose_config(choices), values)
        assert isinstance(merged, DictConfig)
        validate(merged)
    except OmegaConfBaseException as error:
        raise StoredConfigError(_line(explain(error))) from error
    except (ConfigError, OSError, RecursionError, TypeError, ValueError, yaml.YAMLError) as error:
        raise StoredConfigError(_line(str(error))) from error
    return merged


def _line(text: str) -> str:
    """One line that ends in time, whatever the file had in it."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"


def _plain(file: Path) -> dict[str, Any]:
    """The content of the file, which must hold plain values only."""
    if file.stat().st_size > _LARGEST:
        raise ValueError("the file is too large for a config")
    text = file.read_text(encoding="utf-8")
    # A few nested levels of aliases expand to more than any memory holds.
    if any(isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, Loader=yaml.SafeLoader)):
        raise ValueError("the file has aliases, which no config has")
    values: Any = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    if not isinstance(values, dict):
        raise ValueError("the file holds no keys")
    for value in _leaves(values):
        if isinstance(value, str) and "${" in value:
            raise ValueError(f"the interpolation {value!r} is not evaluated")
    for group, settings in values.items():
        if isinstance(settings, dict):
            values[group] = renamed_group(group, settings)
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


def _name(values: dict[str, Any], group: str, names: Any) -> str:
    # An earlier version may lack a group; the group's choice "none" changes nothing.
    chosen = values.get(group, "none")
    name = chosen.get("name") if isinstance(chosen, dict) else chosen
    if not isinstance(name, str) or name not in names:
        raise ConfigError(f"{group}.name", name, f"choose one of {', '.join(names)}")
    return name
