"""Checks the overrides of a command line against the schema, before Hydra composes a config.

Hydra needs a second for that, and some mistakes would end in a traceback.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    QuotedString,
    RangeSweep,
)
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from experiments.config.messages import wrong_type
from experiments.config.schema import SearchedConfig
from experiments.config.validation import validate_values
from experiments.errors import ConfigError

CONF = Path(__file__).resolve().parents[2] / "conf"

_LARGEST_SWEEP = 10_000  # runs; Hydra lists them all before the first


def check_overrides(overrides: Sequence[str]) -> None:
    """Raises ``ConfigError``, or Hydra's error, for the first override that can't be meant.

    Unknown keys are left to Hydra, which knows the chosen groups.
    """
    runs = 1
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key, _, typed = str(override.input_line).partition("=")
        if complaint := _complaint(override):
            raise ConfigError(key, typed or "''", complaint)
        runs *= _count(override)
        if runs > _LARGEST_SWEEP:
            allowed = f"these are {runs:,} runs; a sweep has {_LARGEST_SWEEP:,} at most"
            raise ConfigError(key, typed, allowed)


def _complaint(override: Override) -> str | None:
    key, value = override.key_or_group, override._value
    if not key:
        return "expected a key in front of ="
    if override.is_delete():
        return None  # Hydra or ``validate`` will refuse it
    if isinstance(value, IntervalSweep):
        return f"a sweep needs single values, as in {key}=1,2,3 or {key}=range(0,3)"
    if isinstance(value, RangeSweep) and value.step == 0:
        return "the step of a range must not be 0"
    if isinstance(value, RangeSweep | Glob):
        return None  # Hydra's sweeper expands it
    values: list[Any] = value.list if isinstance(value, ChoiceSweep) else [value]
    for one in values:
        plain = Override._convert_value(one)
        if _is_group(key) and not isinstance(plain, dict):
            if not isinstance(one, str | QuotedString | Glob):
                return f"a group needs one of its choices, as in {key}={_first_choice(key)}"
        elif not _is_hydras(key) and (complaint := _misfit(key, plain)):
            return complaint
    return None


def _misfit(key: str, value: Any) -> str | None:
    """Why a key can't have a value; None if it can, in some choice of its group."""
    group, _, rest = key.partition(".")
    field = next((field for field in fields(SearchedConfig) if field.name == group), None)
    if field is None or "${" in str(value):  # interpolated only when the config is composed
        return None
    if is_dataclass(field.type) and not rest and not isinstance(value, dict):
        return f"expected its keys, as in {group}.{fields(field.type)[0].name}=…"
    complaint = None
    for schema in _variants(field.type) if is_dataclass(field.type) else [SearchedConfig]:
        config = _structured(schema).copy()
        try:
            if schema is SearchedConfig or rest:
                OmegaConf.update(config, rest or key, value)
            else:
                config = OmegaConf.merge(config, value)
            validate_values(cast(DictConfig, config))
        except (ConfigAttributeError, ConfigKeyError):
            continue  # another choice of the group may have this key
        except ConfigError as error:
            complaint = error.allowed
        except OmegaConfBaseException as error:
            complaint = wrong_type(error)
        else:
            return None
    return complaint


@cache
def _structured(schema: Any) -> DictConfig:
    return OmegaConf.structured(schema)


def _variants(schema: Any) -> Iterator[Any]:
    """The schema of a group, and those of its choices."""
    yield schema
    for variant in schema.__subclasses__():
        yield from _variants(variant)


def _count(override: Override) -> int:
    """How many values a sweep gives the key; 1 if Hydra has to count."""
    value = override._value
    if isinstance(value, ChoiceSweep):
        return len(value.list)
    if isinstance(value, RangeSweep) and value.start is not None and value.stop is not None:
        return max(math.ceil((value.stop - value.start) / value.step), 1)
    return 1


def _is_group(key: str) -> bool:
    return key == "hydra" or "/" in key or (CONF / key).is_dir()


def _first_choice(group: str) -> str:
    return min((file.stem for file in (CONF / group).glob("[!_]*.yaml")), default="NAME")


def _is_hydras(key: str) -> bool:
    return key.partition(".")[0].partition("/")[0] == "hydra"
