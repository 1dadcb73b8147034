"""The window as people use it: a process, real strokes, a real mouse, the title as the answer."""

import re
import signal
from collections.abc import Iterator

import pytest
from live_window import TITLE, LiveWindow
from pen_strokes import PenStrokes

# Three of the writers from whom the network has not learnt, and the size of their drawings in
# pixels.
WRITERS = {22: 100, 26: 180, 30: 230}
TIDY = 30  # a writer

SECOND_ROW = (120, 632)  # of the table of runs, in the window


@pytest.fixture(scope="module")
def window(display, mouse, tmp_path_factory) -> Iterator[LiveWindow]:
    """The process in an empty folder, so with the network that ships; closed at the end."""
    with LiveWindow(display, tmp_path_factory.mktemp("window")) as live:
        yield live


@pytest.fixture
def cleared(window) -> LiveWindow:
    window.press("Escape")
    window.wait_for("nnscratch")
    return window


def test_small_and_large_digits_of_three_people_are_classified(window, pen_digits) -> None:
    wrong = []
    for writer, size in WRITERS.items():
        for digit, strokes in enumerate(PenStrokes(pen_digits).first_of_each_digit(writer, size)):
            window.press("Escape")
            window.wait_for("nnscratch")
            window.draw([stroke[::2] for stroke in strokes])
            if (answer := window.answer()) != digit:
                wrong.append((writer, digit, answer))
    assert len(wrong) <= 1, wrong


def test_a_stroke_is_undone_and_redone(cleared, pen_digits) -> None:
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


def test_the_prediction_comes_before_the_pen_is_up(cleared, pen_digits) -> None:
    [_, one, *_] = PenStrokes(pen_digits).first_of_each_digit(TIDY)
    cleared.draw(one, lift=False)
    cleared.wait_for(TITLE)
    cleared.lift()
    assert cleared.answer() == 1


def test_closing_the_window_ends_the_process_silently(window) -> None:
    """The last test of this window: nothing was written to standard error."""
    assert window.close() == (0, "")


def test_a_window_that_is_closed_at_once_ends_silently(display, mouse, trained, tmp_path) -> None:
    """The runs are still being read in the background."""
    with LiveWindow(display, tmp_path, "--checkpoint", str(trained)) as window:
        assert window.close() == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_window_in_which_nothing_happens(
    display, mouse, untrained, tmp_path, number
) -> None:
    with LiveWindow(display, tmp_path, "--checkpoint", str(untrained)) as window:
        assert window.end_by(number) == -number


def test_runs_epochs_comparison_and_test_images_with_one_drawing(
    runs_folder, display, mouse, pen_digits
) -> None:
    with LiveWindow(display, runs_folder, "--best") as window:
        window.draw(PenStrokes(pen_digits).first_of_each_digit(30)[3])
        window.answer()
        best = window.title
        # The list of runs may not be there yet.
        other = window.wait_for(
            f"(?!{re.escape(best)}){TITLE.pattern}", clicking=SECOND_ROW
        ).group()
        window.press("Left")
        epoch = window.wait_for(f"(?!{re.escape(other)}){TITLE.pattern}").group()
        window.press("space")
        window.wait_for(re.escape(other))
        assert epoch != other
        window.press("c")
        window.wait_for(re.escape(f"{other} | {best.removeprefix('nnscratch — ')}"))
        window.press("c")
        window.wait_for(re.escape(other))
        window.press("Next")
        window.wait_for(f"(?!{re.escape(other)}){TITLE.pattern}")
        window.press("ctrl+z")
        window.wait_for(re.escape(other))
        assert window.close() == (0, "")
