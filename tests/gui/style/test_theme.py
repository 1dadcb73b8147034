"""How the window looks: light, dark, and on displays of other resolutions."""

import numpy as np
from events import LINE, draw, press, texts

from experiments.drawings.raster import rasterise
from gui.style.palette import DARK, LIGHT
from gui.style.theme import theme_for


def test_light_and_dark_show_the_same(open_app) -> None:
    app = open_app()
    draw(app)
    press(app, "<bracketright>")
    press(app, "<W>")  # with Caps Lock
    press(app, "<Control-w>")
    assert app.input.view == "why"
    title, shown = app.root.title(), texts(app.panels[0].verdict)
    press(app, "<Control-l>")
    assert app.root.cget("background") == LIGHT.background
    assert app.canvas.width == 22
    assert app.brush.label.cget("text") == "22 px"
    assert (app.root.title(), texts(app.panels[0].verdict)) == (title, shown)
    press(app, "<Control-z>")
    assert app.root.title() == "nnscratch"
    press(app, "<Control-l>")
    assert app.root.cget("background") == DARK.background


def test_a_larger_scale_enlarges_everything_and_keeps_the_prediction(open_app) -> None:
    app = open_app(scale=2)
    draw(app, [(2 * x, 2 * y) for x, y in LINE])
    assert (app.canvas.winfo_width(), app.input_panel.pixels.winfo_width()) == (560, 560)
    assert app.input.drawing.paths == [LINE]
    np.testing.assert_array_equal(app.input.drawing.raster, rasterise([LINE]))


def test_the_window_fits_on_a_small_display_of_high_resolution(root) -> None:

    before = root.tk.call("tk", "scaling")
    root.tk.call("tk", "scaling", 192 / 72)  # dots per point
    scale = theme_for(root).scale
    root.tk.call("tk", "scaling", before)
    assert scale == 1  # twice as large it would not fit on 1280×800
