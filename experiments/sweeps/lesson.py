"""What a sweep asks of its lesson, which its preset names."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from experiments.errors import ConfigError

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore, Tracker

LESSON_KEY = "hydra.callbacks.sweep.lesson"


@runtime_checkable
class Lesson(Protocol):
    """Something that the runs of one sweep teach together."""

    def check(self, combinations: Sequence[Mapping[str, Any]]) -> None:
        """Raises ``ConfigError`` if runs with these (flattened) configs can't show it."""

    def tell(self, sweep: RunSummary, store: RunStore, tracker: Tracker) -> bool:
        """Whether the finished runs show it; ``tracker`` writes the parent run, ``sweep``."""
        ...


def find_lesson(path: str | None) -> Lesson | None:
    """The object with this dotted name: ``experiments.lessons.zeros.claims.LESSON``.

    It is imported, so ``path`` comes from the preset that the user chose, never from a store.
    Raises ``ConfigError`` for anything that is not a lesson.
    """
    if path is None:
        return None
    try:
        found = pkgutil.resolve_name(str(path))
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(LESSON_KEY, path, f"expected the name of a lesson: {error}") from error
    if not isinstance(found, Lesson) or isinstance(found, type):
        example = "experiments.lessons.zeros.claims.LESSON"
        raise ConfigError(LESSON_KEY, path, f"expected the name of a lesson, such as {example}")
    return found
