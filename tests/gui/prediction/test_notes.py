"""Warnings about a prediction."""

import numpy as np

from gui.drawing.drawing import Drawing
from gui.prediction.notes import note, too_thick
from gui.recognizer import Prediction
from nnscratch.inspection.calibration import Calibration


def line(start: tuple[float, float], end: tuple[float, float], *, width: float) -> Drawing:
    drawing = Drawing()
    drawing.begin(start, width)
    drawing.extend(end)
    return drawing


def test_a_brush_is_too_thick_only_for_a_small_drawing() -> None:
    assert "thinner" in too_thick(line((100, 100), (140, 160), width=24))
    assert too_thick(line((60, 60), (140, 240), width=24)) == ""
    assert too_thick(Drawing()) == ""


def prediction(confidence: float) -> Prediction:
    rest = (1 - confidence) / 9
    probabilities = np.array([confidence if k == 3 else rest for k in range(10)])
    return Prediction(np.zeros((28, 28)), 3, probabilities, [])


def test_confidence_that_validation_disproved_is_noted() -> None:
    past = Calibration((0.0, 0.8, 0.9, 1.0), (50, 100, 100), (20, 60, 99))
    assert "right on 60%" in note(past, prediction(0.85))
    assert note(past, prediction(0.97)) == ""  # rightly sure
    assert note(past, prediction(0.5)) == ""  # not sure at all
    few = Calibration((0.0, 0.8, 0.9, 1.0), (50, 5, 100), (20, 0, 99))
    assert note(few, prediction(0.85)) == ""  # nothing to go by
    assert note(None, prediction(0.85)) == ""
    assert note(past, None) == ""
