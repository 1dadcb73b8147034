"""All lessons, by name; and which one a sweep belongs to."""

from experiments.lessons.batch_size.claims import LESSON as BATCH_SIZE
from experiments.lessons.depth.claims import LESSON as DEPTH
from experiments.lessons.learning_rates.claims import LESSON as LEARNING_RATES
from experiments.lessons.lesson import Lesson
from experiments.lessons.pairing.claims import LESSON as PAIRING
from experiments.lessons.real_hands.claims import LESSON as REAL_HANDS
from experiments.lessons.small_data.claims import LESSON as SMALL_DATA
from experiments.lessons.zeros.claims import LESSON as ZEROS

_ALL = (
    ZEROS,
    PAIRING,
    LEARNING_RATES,
    DEPTH,
    SMALL_DATA,
    BATCH_SIZE,
    REAL_HANDS,
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
