"""The browser of test images."""

from events import LINE, choose, draw, press, texts, wait_until


def test_mistakes_come_first_and_undo_restores_the_drawing(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["12"])
    press(app, "<Next>")
    wait_until(app.root, lambda: app.input.test_image is not None)
    assert "misclassified" in app.gallery.caption.cget("text")
    image, answer = app.input.test_image, app.panels[0].prediction.digit
    assert app.input.drawing.empty
    assert image.prediction == answer != image.label
    assert texts(app.panels[0].verdict)[3] == f"the label says {image.label}"
    press(app, "<Next>")
    assert app.input.test_image.number != image.number
    press(app, "<Prior>")
    assert app.input.test_image.number == image.number
    press(app, "<Control-z>")  # the drawing that it took the place of
    assert app.input.drawing.paths == [LINE]
    draw(app)
    press(app, "<Escape>")
    assert app.input.test_image is None
    assert app.root.title() == "nnscratch"
