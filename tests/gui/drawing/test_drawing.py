"""A drawing without a window: points, raster, undo and redo."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.drawings.raster import rasterise
from gui.drawing.drawing import Drawing


def stroke(drawing: Drawing, *points: tuple[float, float], width: float = 20) -> None:
    drawing.begin(points[0], width)
    for point in points[1:]:
        drawing.extend(point)


def test_strokes_are_undone_one_by_one_and_redone() -> None:
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


def test_a_clearing_can_be_undone() -> None:
    drawing = Drawing()
    stroke(drawing, (10, 10), (50, 60))
    before = drawing.raster.copy()
    drawing.clear()
    assert drawing.empty
    assert not drawing.raster.any()
    drawing.undo()
    np.testing.assert_array_equal(drawing.raster, before)


def test_a_new_stroke_ends_redo() -> None:
    drawing = Drawing()
    stroke(drawing, (10, 10), (50, 60))
    drawing.undo()
    stroke(drawing, (1, 1))
    assert not drawing.redo()
    assert drawing.paths == [[(1, 1)]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["draw", "undo", "redo", "clear"]), max_size=25))
def test_the_raster_always_equals_the_rasterised_strokes(actions) -> None:
    drawing, place = Drawing(), 0
    for action in actions:
        if action == "draw":
            place += 20
            stroke(drawing, (place % 280, 40), ((place * 7) % 280, 200), width=12)
        else:
            getattr(drawing, action)()
        np.testing.assert_array_equal(drawing.raster, rasterise(drawing.paths, 12))
