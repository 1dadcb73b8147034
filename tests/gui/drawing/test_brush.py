"""The width of the brush."""

import numpy as np
from events import draw, press


def test_the_brush_has_the_width_of_its_control(open_app) -> None:
    app = open_app()
    assert app.brush.label.cget("text") == "20 px"
    press(app, "<bracketright>")
    draw(app)
    app.brush.set(8)
    draw(app, [(30, 30), (90, 30)])
    assert [stroke.width for stroke in app.input.drawing.strokes] == [22, 8]
    assert app.brush.label.cget("text") == "8 px"
    assert np.count_nonzero(app.input.drawing.raster[:, 60]) in (8, 9)
    for _ in range(30):
        press(app, "<bracketleft>")
    assert app.canvas.width == 4
