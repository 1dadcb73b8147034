"""Config keys and metrics that have a new name. Their old names stay valid.

The old name of a key may still be typed. A run that was logged under old names is read as if it
had been logged under the new ones.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

KEYS: Mapping[str, str] = {
    "augmentation.turn": "augmentation.rotation",
    "augmentation.slant": "augmentation.shear",
    "augmentation.stretch": "augmentation.scale",
    "augmentation.shift": "augmentation.translation",
}
METRICS: Mapping[str, str] = {
    "diagnostics/misread_gradient": "diagnostics/misclassified_gradient",
    "diagnostics/misread_unheard": "diagnostics/misclassified_vanishing",
}
OLD_KEYS: Mapping[str, str] = {new: old for old, new in KEYS.items()}
OLD_METRICS: Mapping[str, str] = {new: old for old, new in METRICS.items()}

_OVERRIDE = re.compile(r"(\+{0,2}|~)([\w./]+)(=.*|$)", re.DOTALL)

Value = TypeVar("Value")


def renamed(values: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """``values`` under new names; if both names are there, the value of the new one stays."""
    moved = {names[name]: value for name, value in values.items() if name in names}
    return moved | {name: value for name, value in values.items() if name not in names}


def renamed_group(group: str, settings: Mapping[str, Value]) -> dict[str, Value]:
    """The settings of one group of a config, whose keys lack the group's name, under new names."""
    prefix = f"{group}."
    full = renamed({f"{prefix}{key}": value for key, value in settings.items()}, KEYS)
    return {key.removeprefix(prefix): value for key, value in full.items()}


def renamed_override(text: str) -> str:
    """The override that is meant: ``augmentation.rotation=0.2`` for ``augmentation.turn=0.2``."""
    found = _OVERRIDE.fullmatch(text)
    if found is None:
        return text
    sign, key, value = found.groups()
    if value.startswith("={"):  # the keys of a group in braces: augmentation={turn:0.2}
        value = re.sub(r"(?<=[{, ])(\w+) *(?=:)", lambda m: _in_group(key, m[1]), value)
    return f"{sign}{KEYS.get(key, key)}{value}"


def _in_group(group: str, key: str) -> str:
    return KEYS.get(f"{group}.{key}", key).removeprefix(f"{group}.")
