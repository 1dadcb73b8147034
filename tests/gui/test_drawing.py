"""The window as people use it: real strokes, drawn with a real mouse, read off the title."""

from collections.abc import Iterator

import pytest
from live_window import TITLE, LiveWindow
from pen_strokes import PenStrokes

# Chosen before any was drawn: the last of the thirty writers in the file.
WRITER = 30


@pytest.fixture(scope="module")
def window(display, mouse, trained, tmp_path_factory) -> Iterator[LiveWindow]:
    """The process with a network that learnt MNIST; closed at the end."""
    folder = tmp_path_factory.mktemp("window")
    with LiveWindow(display, folder, "--checkpoint", str(trained)) as live:
        yield live


@pytest.fixture
def cleared(window) -> LiveWindow:
    window.press("Escape")
    window.wait_for("nnscratch")
    return window


def test_one_of_each_digit_is_read(window, pen_digits) -> None:
    answers = []
    for strokes in PenStrokes(pen_digits).first_of_each_digit(WRITER):
        window.press("Escape")
        window.wait_for("nnscratch")
        window.draw(strokes)
        answers.append(window.answer())
    right = sum(answer == digit for digit, answer in enumerate(answers))
    assert right >= 9, answers


def test_the_answer_is_there_before_the_pen_is_up(cleared, pen_digits) -> None:
    [_, one, *_] = PenStrokes(pen_digits).first_of_each_digit(WRITER)
    cleared.draw(one, lift=False)
    cleared.wait_for(TITLE)
    cleared.lift()
    assert cleared.answer() == 1


def test_closing_the_window_ends_the_process_in_silence(window) -> None:
    """The last test of this window: after all that it went through, nothing on standard error."""
    assert window.close() == (0, "")


def test_a_window_closed_at_once_ends_in_silence_too(display, mouse, trained, tmp_path) -> None:
    """While the runs are still being read in the background."""
    with LiveWindow(display, tmp_path, "--checkpoint", str(trained)) as window:
        assert window.close() == (0, "")
