"""What a lesson requires of its sweep: which keys must vary, and how."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from experiments.errors import ConfigError

Requirement: TypeAlias = Callable[[Sequence[Any]], str | None]
"""Takes the distinct values of a key in a sweep; returns what the lesson misses, or None."""


def each_of(*wanted: Any) -> Requirement:
    """All of these values; others may be there, too."""

    def complaint(values: Sequence[Any]) -> str | None:
        missing = [value for value in wanted if value not in values]
        return f"also needs {_listed(missing)}" if missing else None

    return complaint


def above(least: float) -> Requirement:
    """This value and a larger one."""

    def complaint(values: Sequence[Any]) -> str | None:
        compared = least in values and max(values) > least
        return None if compared else f"compares {least:g} with a larger value"

    return complaint


def always(wanted: Any) -> Requirement:
    """This value in all runs."""
    return lambda values: None if values == [wanted] else f"needs {_listed([wanted])} in all runs"


def one_number(values: Sequence[Any]) -> str | None:
    """The same positive number in all runs."""
    [value, *others] = values or [None]
    alike = value is not None and value > 0 and not others
    return None if alike else "needs the same number above 0 in all runs"


def check(
    requirements: Mapping[str, Requirement], combinations: Sequence[Mapping[str, Any]]
) -> None:
    """Raises ``ConfigError`` for the first key whose values in the configs fall short."""
    for key, complaint_about in requirements.items():
        values: list[Any] = []
        for combination in combinations:
            if key in combination and combination[key] not in values:
                values.append(combination[key])
        if complaint := complaint_about(values):
            allowed = f"the lesson {complaint}; leave {key} out to get the values of its preset"
            raise ConfigError(key, _listed(values), allowed)


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(_TYPED.get(str(value), str(value)) for value in values)


_TYPED = {"None": "null", "True": "true", "False": "false"}
"""Python's words as one types them in an override."""
