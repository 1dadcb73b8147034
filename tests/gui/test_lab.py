"""The instruments around the drawing, by mouse and keys alone: runs, epochs, comparison, images."""

import re

from live_window import TITLE, LiveWindow
from pen_strokes import PenStrokes

SECOND_ROW = (120, 632)  # of the table of runs, in the window


def test_one_drawing_through_all_instruments(runs_folder, display, mouse, pen_digits) -> None:
    with LiveWindow(display, runs_folder, "--best") as window:
        window.draw(PenStrokes(pen_digits).first_of_each_digit(30)[3])
        window.answer()
        best = window.title
        window.click(*SECOND_ROW)
        other = window.wait_for(f"(?!{re.escape(best)}){TITLE.pattern}").group()
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
