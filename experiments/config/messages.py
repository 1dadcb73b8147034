"""One line for each complaint of Hydra and OmegaConf."""

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any

from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    OmegaConfBaseException,
)

from experiments.config.validation import TARGETS
from experiments.runs.renamed import KEYS
from experiments.runtime.commands import install_command, python_command

_GROUPS = ("experiment", "sweep", "launcher")  # they are no fields of the config

_EXTRAS = {
    "hydra/launcher/ray": "ray",
    "hydra/launcher/submitit_slurm": "slurm",
    "hydra/launcher/submitit_local": "slurm",
}
"""The extra of the package that installs a choice that Hydra did not find."""

_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "list[int]": "a list of whole numbers, such as [128,64]",
    "List[int]": "a list of whole numbers, such as [128,64]",
    "bool": "true or false",
    "bool | None": "true, false or null",
    "int | None": "a whole number or null",
    "float | None": "a number or null",
}


_SEVERAL = "{0}: several values make a sweep, which needs -m, as in `{sweep}`"

_ADVICE = {
    r"INTERVAL_SWEEP|interval\(": (
        "interval(…): a sweep takes values, as in 0.01,0.1 or range(1,4); a search takes "
        "intervals: `{search}`"
    ),
    r"Ambiguous value for argument '(.+?)'\s": _SEVERAL,
    r"Sweep parameters '(.+)' requires --multirun": _SEVERAL,
    r"Multiple values for \S+\. .* 'override (\S+): (\S+)'": (
        "+{0}={1}: {0} has a choice already; without the +, {0}={1} replaces it"
    ),
    r"remove \+ prefix: '(.*)'\s": (
        "+{0}: that key has a value already; without the +, {0} replaces it"
    ),
}
"""Complaints of Hydra in its own grammar, and what to type instead."""


def explain(error: HydraException | OmegaConfBaseException) -> str:
    """One line that names the key, the value and what is allowed."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, _, name = error.missing_cfg_file.rpartition("/")
        if extra := _EXTRAS.get(error.missing_cfg_file):
            return f"launcher={extra} needs more packages: `{install_command(extra)}`"
        return f"{group}={name}: choose one of {', '.join(_choices(group, error.options))}"
    if isinstance(error, OverrideParseException):
        return (
            f"{error.override}: cannot be read; overrides are written key=value, "
            "lists [128,64] without spaces or empty entries"
        )
    preset = re.search(r"In '(.+)': .+full_key: (\S+)", str(error), re.DOTALL)
    if preset and (new := KEYS.get(preset[2])):
        return f"{preset[1]}.yaml: {preset[2]} is called {new} now"
    for pattern, advice in _ADVICE.items():
        if typed := re.search(pattern, str(error)):
            sweep = python_command("experiments.train", "-m", "experiment=xor", "seed=0,1")
            search = python_command("experiments.search", "--help")
            return advice.format(*typed.groups(), sweep=sweep, search=search)
    cause = error.__cause__ if isinstance(error, ConfigCompositionException) else error
    override = _override(str(error))
    if override and override.startswith("~"):
        return f"{override}: no key can be removed; give it another value"
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return f"{override or cause.full_key}: {_unknown_key(cause)}"
    if isinstance(cause, MissingMandatoryValue):
        return _missing(cause.full_key or "")
    if isinstance(cause, OmegaConfBaseException):
        return ": ".join(filter(None, (override or cause.full_key, wrong_type(cause))))
    return " ".join(str(error).split())


def _choices(group: str, options: Sequence[str]) -> list[str]:
    """Without shared parts such as ``data/_split``, with the group of the quick sweeps."""
    quick = ["quick/…"] if group == "sweep" else []  # Hydra lists no group within a group
    return [option for option in options if not option.startswith("_")] + quick


def _missing(key: str) -> str:
    """A choice leaves the key open, such as ``data=_split``, which the data sets share."""
    group, _, name = key.rpartition(".")
    remedy = f"choose {group}={'|'.join(TARGETS[group])}" if name == "name" else "it needs one"
    return f"{key}: has no value; {remedy}"


def _override(message: str) -> str | None:
    """The ``key=value`` or ``~key`` that the user typed, taken from Hydra's message."""
    found = re.search(r"(?:use \+|merging override )(\S+=.*|~\S+)", message)
    return found and found.group(1)


def _unknown_key(error: OmegaConfBaseException) -> str:
    path, _, key = (error.full_key or "").rpartition(".")
    schema: Any = error.object_type
    known = [field.name for field in fields(schema)] if is_dataclass(schema) else []
    if path and not known:
        return "unknown key; with a + in front it is added"
    known = [name for name in known if name != "_target_"] + ([] if path else list(_GROUPS))
    guess = get_close_matches(key, known, n=1)
    hint = f"; did you mean {guess[0]}?" if guess else ""
    return f"unknown key; {path or 'there'} {'has' if path else 'are'} {', '.join(known)}{hint}"


def wrong_type(error: OmegaConfBaseException) -> str:
    """What type a value should have, from the error of the key that refused it."""
    schema: Any = error.object_type
    if isinstance(error, InterpolationResolutionError | InterpolationKeyError):
        return str(error.msg).splitlines()[0]
    wanted = error.ref_type_str  # of an entry of a list; for a key, its field says
    if is_dataclass(schema) and error.key is not None:  # None: a value in the place of a group
        kinds = {field.name: field.type for field in fields(schema)}
        kind = kinds.get(str(error.key))
        wanted = kind.__name__ if isinstance(kind, type) else str(kind)
    expected = _EXPECTED.get(str(wanted))
    return f"expected {expected}" if expected else str(error.msg).splitlines()[0]
