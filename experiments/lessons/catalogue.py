"""All lessons, by name; and which one a sweep belongs to."""

from experiments.lessons import learning_rates, pairing, zeros
from experiments.lessons.lesson import Lesson

LESSONS = {lesson.name: lesson for lesson in (zeros.LESSON, pairing.LESSON, learning_rates.LESSON)}
"""In the order in which one learns."""

_PREFIX, _QUICK = "lesson_", "quick/"


def sweep_of(name: str, *, quick: bool) -> str:
    """What to type behind ``sweep=`` for the lesson of this name."""
    return f"{_QUICK if quick else ''}{_PREFIX}{name}"


def lesson_of(sweep: str) -> Lesson | None:
    """The lesson of a sweep, whichever its size; None if it is none."""
    name = sweep.removeprefix(_QUICK)
    return LESSONS.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
