"""The panel that shows what the network sees."""

from events import draw, press, shown_pixels, texts

from gui.preprocessing import from_raster
from nnscratch import load_checkpoint


def test_the_pipeline_can_be_changed_and_warns_of_a_thick_brush(open_app, untrained) -> None:
    app = open_app()
    app.brush.set(40)
    draw(app, [(140, 120), (140, 160)])
    assert texts(app.panels[0].verdict)[3] == ""
    press(app, "<p>")
    assert "thinner" in texts(app.panels[0].verdict)[3]
    image = from_raster(app.input.drawing.raster)
    expected = load_checkpoint(untrained).predict(image.reshape(1, -1))[0]
    assert app.panels[0].prediction.digit == expected
    press(app, "<p>")
    assert texts(app.panels[0].verdict)[3] == ""


def test_steps_and_attribution_exclude_each_other(open_app) -> None:
    app = open_app()
    draw(app)
    plain = shown_pixels(app)
    press(app, "<w>")
    reasons = shown_pixels(app)
    press(app, "<s>")
    steps = shown_pixels(app)
    assert len({plain, reasons, steps}) == 3
    press(app, "<s>")
    assert shown_pixels(app) == plain
