"""What one network, or two of them, predict."""

import re
from dataclasses import replace

from events import draw, press, texts, wait_until

from gui.preprocessing import redraw
from nnscratch import load_checkpoint


def test_two_networks_get_the_same_strokes(open_app, trained, tmp_path) -> None:
    app = open_app(tmp_path, trained)
    draw(app)
    image = redraw(app.input.drawing.paths).reshape(1, -1)
    digit = load_checkpoint(trained).predict(image)[0]
    assert texts(app.panels[1].verdict)[0] == str(digit) == "1"
    assert [panel.loaded.source for panel in app.panels] == ["untrained.npz", "mnist.npz"]
    assert re.fullmatch(r"nnscratch — \d \(.*\) \| 1 \(.*\)", app.root.title())
    assert app.root.winfo_reqheight() <= 728
    press(app, "<Escape>")
    assert texts(app.panels[1].verdict)[0] == ""


def test_a_long_source_is_cut_between_words(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    source = "model.init=zeros " * 8 + "· 0123abcd"
    panel.use(replace(panel.loaded, source=source))
    shown = panel.source.cget("text")
    assert source.endswith(shown.removeprefix("… "))
    assert shown.startswith("… model.init=zeros")
    assert panel.source.winfo_reqwidth() <= panel.source.winfo_width()
    app.root.geometry("2000x790")
    wait_until(app.root, lambda: panel.source.cget("text") == source)
