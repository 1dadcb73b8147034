"""What a sweep has to vary, and how, for its lesson to have something to compare."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from experiments.errors import ConfigError

Need: TypeAlias = Callable[[Sequence[Any]], str | None]
"""The values that a key has in a sweep, each once -> what the lesson misses, or None."""


def each_of(*wanted: Any) -> Need:
    """All of these values, beside whichever others."""

    def complaint(values: Sequence[Any]) -> str | None:
        missing = [value for value in wanted if value not in values]
        return f"also needs {_listed(missing)}" if missing else None

    return complaint


def above(least: float) -> Need:
    """This value and a larger one."""

    def complaint(values: Sequence[Any]) -> str | None:
        return None if least in values and max(values) > least else f"compares {least:g} with more"

    return complaint


def always(wanted: Any) -> Need:
    """This value in all runs."""
    return lambda values: None if values == [wanted] else f"needs {_listed([wanted])} in all runs"


def one_number(values: Sequence[Any]) -> str | None:
    """The same positive number in all runs."""
    [value, *others] = values or [None]
    alike = value is not None and value > 0 and not others
    return None if alike else "needs one number above 0 for all runs"


def check(
    needs: Mapping[str, Need], combinations: Sequence[Mapping[str, Any]], *, sweep: str
) -> None:
    """Raises ``ConfigError`` for the first key in which the (flattened) configs fall short."""
    for key, complaint_about in needs.items():
        values: list[Any] = []
        for combination in combinations:
            if key in combination and combination[key] not in values:
                values.append(combination[key])
        if complaint := complaint_about(values):
            mended = f"without an override of it, sweep={sweep} has all that it takes"
            raise ConfigError(key, _listed(values), f"the lesson {complaint}; {mended}")


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(_WORDS.get(str(value), str(value)) for value in values)


_WORDS = {"None": "null", "True": "true", "False": "false"}
"""As they are typed."""
