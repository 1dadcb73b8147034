"""A drawing without a window: points, ink, and the way back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.drawing.drawing import Drawing
from gui.prediction.notes import note, too_thick
from gui.preprocessing import rasterise
from gui.recognizer import Prediction
from nnscratch.inspection.calibration import Calibration


def stroke(drawing: Drawing, *points: tuple[float, float], width: float = 20) -> None:
    drawing.begin(points[0], width)
    for point in points[1:]:
        drawing.extend(point)


def test_strokes_come_back_one_by_one_and_go_again() -> None:
    drawing = Drawing()
    stroke(drawing, (10, 10), (50, 60))
    stroke(drawing, (100, 100), (120, 160), width=8)
    both = drawing.raster.copy()
    assert drawing.undo()
    assert drawing.paths == [[(10, 10), (50, 60)]]
    np.testing.assert_array_equal(drawing.raster, rasterise(drawing.paths, 20))
    assert drawing.undo()
    assert drawing.empty
    assert not drawing.undo()
    assert drawing.redo()
    assert drawing.redo()
    assert not drawing.redo()
    np.testing.assert_array_equal(drawing.raster, both)


def test_a_clearing_can_be_taken_back() -> None:
    drawing = Drawing()
    stroke(drawing, (10, 10), (50, 60))
    before = drawing.raster.copy()
    drawing.clear()
    assert drawing.empty
    assert not drawing.raster.any()
    drawing.undo()
    np.testing.assert_array_equal(drawing.raster, before)


def test_what_was_taken_back_is_gone_once_something_new_is_drawn() -> None:
    drawing = Drawing()
    stroke(drawing, (10, 10), (50, 60))
    drawing.undo()
    stroke(drawing, (1, 1))
    assert not drawing.redo()
    assert drawing.paths == [[(1, 1)]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["draw", "undo", "redo", "clear"]), max_size=25))
def test_the_raster_always_mirrors_the_strokes(actions) -> None:
    drawing, place = Drawing(), 0
    for action in actions:
        if action == "draw":
            place += 20
            stroke(drawing, (place % 280, 40), ((place * 7) % 280, 200), width=12)
        else:
            getattr(drawing, action)()
        np.testing.assert_array_equal(drawing.raster, rasterise(drawing.paths, 12))


def test_a_pen_is_too_thick_beside_a_small_drawing_only() -> None:
    small, large = Drawing(), Drawing()
    stroke(small, (100, 100), (140, 160), width=24)
    stroke(large, (60, 60), (140, 240), width=24)
    assert "thinner" in too_thick(small)
    assert too_thick(large) == ""
    assert too_thick(Drawing()) == ""


def prediction(confidence: float) -> Prediction:
    rest = (1 - confidence) / 9
    probabilities = np.array([confidence if k == 3 else rest for k in range(10)])
    return Prediction(np.zeros((28, 28)), 3, probabilities, [])


def test_a_sure_network_that_was_wrong_before_is_doubted() -> None:
    past = Calibration((0.0, 0.8, 0.9, 1.0), (50, 100, 100), (20, 60, 99))
    assert "right on 60%" in note(past, prediction(0.85))
    assert note(past, prediction(0.97)) == ""  # rightly sure
    assert note(past, prediction(0.5)) == ""  # not sure at all
    few = Calibration((0.0, 0.8, 0.9, 1.0), (50, 5, 100), (20, 0, 99))
    assert note(few, prediction(0.85)) == ""  # nothing to go by
    assert note(None, prediction(0.85)) == ""
    assert note(past, None) == ""
