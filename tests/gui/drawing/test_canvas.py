"""The canvas: points and their raster."""

from collections.abc import Callable

import numpy as np
import pytest
from events import wait_until

from experiments.drawings.raster import rasterise
from gui.preprocessing import from_raster, from_strokes


@pytest.fixture
def canvas(root):
    """A canvas in a window, and a list that grows with every report of a change."""
    from gui.drawing.canvas import DrawingCanvas
    from gui.drawing.drawing import Drawing
    from gui.style.theme import theme_for

    changes: list[int] = []
    drawing = Drawing()
    theme = theme_for(root, scale=1)
    made = DrawingCanvas(root, theme, drawing, lambda: changes.append(len(drawing.strokes)))
    made.pack()
    root.update()
    return made, changes


def drag(canvas, points, *, lift: bool = True) -> None:
    (x, y), *rest = points
    canvas.event_generate("<ButtonPress-1>", x=x, y=y)
    for x, y in rest:
        canvas.event_generate("<B1-Motion>", x=x, y=y)
    if lift:
        canvas.event_generate("<ButtonRelease-1>", x=x, y=y)


ZIGZAG = [(40, 50), (200, 60), (60, 200), (61, 201), (220, 240)]


def test_strokes_keep_every_point(canvas) -> None:
    drawn, _ = canvas
    drag(drawn, ZIGZAG)
    drag(drawn, [(10, 10)])
    assert drawn.drawing.paths == [ZIGZAG, [(10, 10)]]
    assert not drawn.drawing.empty


def test_the_raster_is_the_one_of_from_strokes(canvas) -> None:
    drawn, _ = canvas
    drag(drawn, ZIGZAG)
    drag(drawn, [(270, 5)])
    drag(drawn, [(100, 100), (-40, 120), (100, 330)])  # out of the canvas and back
    np.testing.assert_array_equal(drawn.drawing.raster, rasterise(drawn.drawing.paths, drawn.width))
    np.testing.assert_array_equal(
        from_raster(drawn.drawing.raster), from_strokes(drawn.drawing.paths)
    )


def test_the_pen_stays_on_the_canvas(canvas) -> None:
    """The network must not see what the user cannot see on the canvas."""
    drawn, _ = canvas
    drag(drawn, [(100, 100), (-40, 120), (100, 330), (400, 400)])
    assert drawn.drawing.paths == [[(100, 100), (0, 120), (100, 279), (279, 279)]]


def test_the_canvas_has_the_size_of_its_raster(canvas) -> None:
    drawn, _ = canvas
    assert (drawn.winfo_width(), drawn.winfo_height()) == drawn.drawing.raster.shape


def test_changes_are_reported_during_and_after_a_stroke(canvas, root) -> None:
    drawn, changes = canvas
    drag(drawn, ZIGZAG, lift=False)
    assert changes == []  # not for every motion …
    wait_until(root, lambda: changes)
    assert changes == [1]  # … but once for all of them
    drawn.event_generate("<ButtonRelease-1>", x=220, y=240)
    assert changes == [1, 1]


def test_clear_removes_everything(canvas) -> None:
    drawn, changes = canvas
    drag(drawn, ZIGZAG)
    drawn.clear()
    assert drawn.drawing.empty
    assert not drawn.drawing.raster.any()
    assert changes == [1, 0]


def test_clear_in_the_middle_of_a_stroke_ends_it(canvas) -> None:
    drawn, _ = canvas
    drag(drawn, ZIGZAG, lift=False)
    drawn.clear()
    drawn.event_generate("<B1-Motion>", x=100, y=100)
    drawn.event_generate("<ButtonRelease-1>", x=100, y=100)
    assert drawn.drawing.empty
    assert not drawn.drawing.raster.any()


def test_undo_shows_the_previous_state(canvas, root, display) -> None:
    drawn, changes = canvas
    drag(drawn, ZIGZAG)
    before = drawn.drawing.raster.copy()
    drag(drawn, [(20, 250), (120, 250)])
    drawn.undo()
    np.testing.assert_array_equal(drawn.drawing.raster, before)
    assert len(drawn.find_all()) == len(ZIGZAG) - 1  # a segment each
    drawn.redo()
    assert drawn.drawing.paths[1] == [(20, 250), (120, 250)]
    assert changes[-2:] == [1, 2]


def test_undo_in_the_middle_of_a_stroke_ends_it(canvas) -> None:
    drawn, _ = canvas
    drag(drawn, ZIGZAG, lift=False)
    drawn.undo()
    drawn.event_generate("<B1-Motion>", x=100, y=100)
    assert drawn.drawing.empty
    assert not drawn.drawing.raster.any()


def test_the_screen_shows_the_raster(canvas, root, display) -> None:
    """Only this test reads pixels back from the screen, to compare them."""
    from PIL import ImageGrab

    drawn, _ = canvas
    drag(drawn, ZIGZAG)
    wait_until(root, lambda: True)
    x, y = drawn.winfo_rootx(), drawn.winfo_rooty()
    screen = _grab(ImageGrab.grab, display, (x, y, x + 280, y + 280))
    different = np.count_nonzero((screen > 127) != (drawn.drawing.raster > 127))
    assert different < 0.05 * np.count_nonzero(drawn.drawing.raster)


def _grab(grab: Callable, display: str, box: tuple[int, int, int, int]) -> np.ndarray:
    return np.asarray(grab(box, xdisplay=display).convert("L"))
