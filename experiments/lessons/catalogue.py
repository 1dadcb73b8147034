"""All lessons by name, and the sweep of each."""

from experiments.lessons.batch_size.claims import LESSON as BATCH_SIZE
from experiments.lessons.depth.claims import LESSON as DEPTH
from experiments.lessons.learning_rates.claims import LESSON as LEARNING_RATES
from experiments.lessons.pairing.claims import LESSON as PAIRING
from experiments.lessons.real_hands.claims import LESSON as REAL_HANDS
from experiments.lessons.small_data.claims import LESSON as SMALL_DATA
from experiments.lessons.zeros.claims import LESSON as ZEROS

LESSONS = {
    lesson.name: lesson
    for lesson in (ZEROS, PAIRING, LEARNING_RATES, DEPTH, SMALL_DATA, BATCH_SIZE, REAL_HANDS)
}
"""In the order in which to learn them."""


def sweep_of(name: str, *, quick: bool) -> str:
    """What to type after ``sweep=`` for the lesson of this name."""
    return f"{'quick/' if quick else ''}lesson_{name}"
