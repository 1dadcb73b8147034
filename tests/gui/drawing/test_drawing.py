"""The window as people use it: real strokes, drawn with a real mouse, read off the title."""

import re
from collections.abc import Iterator

import pytest
from live_window import TITLE, LiveWindow
from pen_strokes import PenStrokes

# Chosen before any was drawn: every tenth of the thirty writers in the file, and how large
# their digits are drawn, in pixels.
WRITERS = {10: 100, 20: 180, 30: 230}
TIDY = 30


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


def test_the_digits_of_three_people_are_read_small_and_large(window, pen_digits) -> None:
    """Networks of five seeds read 25 to 29 of these 30; shrinking the canvas would read half."""
    wrong = []
    for writer, size in WRITERS.items():
        for digit, strokes in enumerate(PenStrokes(pen_digits).first_of_each_digit(writer, size)):
            window.press("Escape")
            window.wait_for("nnscratch")
            window.draw([stroke[::2] for stroke in strokes])
            if (answer := window.answer()) != digit:
                wrong.append((writer, digit, answer))
    assert len(wrong) <= 10, wrong


def test_a_stroke_is_taken_back_and_drawn_again(cleared, pen_digits) -> None:
    strokes = PenStrokes(pen_digits).first_of_each_digit(TIDY)[0]
    cleared.draw(strokes)
    answer = cleared.wait_for(TITLE).group()
    for key, title in (("ctrl+z", "nnscratch"), ("ctrl+y", answer), ("Escape", "nnscratch")):
        cleared.press(key)
        cleared.wait_for(re.escape(title))
    cleared.press("ctrl+z")
    cleared.wait_for(re.escape(answer))
    cleared.press("ctrl+shift+z")
    cleared.wait_for("nnscratch")


def test_the_answer_is_there_before_the_pen_is_up(cleared, pen_digits) -> None:
    [_, one, *_] = PenStrokes(pen_digits).first_of_each_digit(TIDY)
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
