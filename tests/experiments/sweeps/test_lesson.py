"""The lesson that a sweep's preset names."""

import pytest

from experiments.errors import ConfigError
from experiments.lessons.zeros.claims import LESSON
from experiments.sweeps.lesson import find_lesson


def test_a_lesson_is_found_by_its_dotted_name() -> None:
    assert find_lesson("experiments.lessons.zeros.claims.LESSON") is LESSON
    assert find_lesson(None) is None


@pytest.mark.parametrize(
    "path",
    [
        *("", "two words", "nowhere.LESSON", "experiments.lessons.zeros.claims.NOTHING"),
        *("math.pi", "experiments.lessons.zeros", "experiments.lessons.lesson.Lesson"),
    ],
)
def test_any_other_name_is_refused_in_one_line(path: str) -> None:
    expected = r"^hydra\.callbacks\.sweep\.lesson=.*: expected the name of a lesson[^\n]*$"
    with pytest.raises(ConfigError, match=expected):
        find_lesson(path)
