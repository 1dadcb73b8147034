"""All lessons, by name; and which one a sweep belongs to."""

from experiments.lessons import (
    batch_size,
    depth,
    learning_rates,
    pairing,
    real_hands,
    small_data,
    zeros,
)
from experiments.lessons.lesson import Lesson

_ALL = (
    zeros.LESSON,
    pairing.LESSON,
    learning_rates.LESSON,
    depth.LESSON,
    small_data.LESSON,
    batch_size.LESSON,
    real_hands.LESSON,
)
LESSONS = {lesson.name: lesson for lesson in _ALL}
"""In the order in which one learns."""

_PREFIX, _QUICK = "lesson_", "quick/"


def sweep_of(name: str, *, quick: bool) -> str:
    """What to type behind ``sweep=`` for the lesson of this name."""
    return f"{_QUICK if quick else ''}{_PREFIX}{name}"


def lesson_of(sweep: str) -> Lesson | None:
    """The lesson of a sweep, whichever its size; None if it is none."""
    name = sweep.removeprefix(_QUICK)
    return LESSONS.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
