"""The whole window, in this process."""

import numpy as np
import pytest
from events import draw, press, texts, wait_until
from live_window import TITLE

from gui.prediction.bars import percent
from gui.preprocessing import redraw
from nnscratch import load_checkpoint


def test_an_empty_canvas_has_no_prediction(open_app) -> None:
    app = open_app()
    app.recognize()
    assert app.root.title() == "nnscratch"
    assert texts(app.panels[0].verdict) == ["", "", "", ""]
    assert not any("%" in text for text in texts(app.panels[0].bars))


def test_all_panels_show_the_same_prediction(open_app, untrained) -> None:
    app = open_app()
    draw(app)
    image = redraw(app.input.drawing.paths)
    [probabilities] = load_checkpoint(untrained).predict_proba(image.reshape(1, -1))
    digit, share = probabilities.argmax(), percent(probabilities.max())
    assert app.root.title() == f"nnscratch — {digit} ({share})"
    top = np.argsort(-probabilities)[:3]
    assert probabilities.max() < 0.5, "so the answer is a question"
    assert texts(app.panels[0].verdict)[:2] == [str(digit), f"{digit} or {top[1]}?"]
    shown = [text for text in texts(app.panels[0].bars) if "%" in text]
    assert shown == [percent(probabilities[digit]) for digit in sorted(top)]


def test_the_prediction_comes_during_the_stroke(open_app) -> None:
    app = open_app()
    draw(app, lift=False)
    wait_until(app.root, lambda: TITLE.fullmatch(app.root.title()))


@pytest.mark.parametrize("how", ["button", "escape"])
def test_clear_removes_the_prediction(open_app, how) -> None:
    app = open_app()
    draw(app)
    if how == "button":
        app.clear_button.invoke()
    else:
        press(app, "<Escape>")
    wait_until(app.root, lambda: app.root.title() == "nnscratch")
    assert app.input.drawing.empty
    assert texts(app.panels[0].verdict) == ["", "", "", ""]


def test_panels_are_aligned_and_their_sizes_exact(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    wait_until(app.root, lambda: panel.bars.winfo_width() > 1)
    canvas, pixels, network, picker = app.canvas, app.input_panel.pixels, panel.network, app.picker
    assert (canvas.winfo_width(), canvas.winfo_height()) == (280, 280)
    assert (pixels.winfo_width(), pixels.winfo_height()) == (280, 280)
    assert canvas.winfo_rooty() == pixels.winfo_rooty() == network.winfo_rooty()
    bottom = panel.bars.winfo_rooty() + panel.bars.winfo_height()
    assert network.winfo_rooty() + network.winfo_height() == bottom
    right = picker.winfo_rootx() + picker.winfo_width()
    assert network.winfo_rootx() + network.winfo_width() == right
    assert app.root.winfo_width() <= 1280
    assert app.root.winfo_height() <= 728  # a screen of 768 less its bars


def test_a_window_that_the_desktop_makes_too_small_still_works(open_app) -> None:
    app = open_app()
    app.root.minsize(1, 1)
    app.root.geometry("300x120")
    wait_until(app.root, lambda: app.root.winfo_width() == 300)
    draw(app)
    assert TITLE.fullmatch(app.root.title())


def test_keys_undo_and_redo(open_app) -> None:
    app = open_app()
    draw(app)
    first = app.root.title()
    draw(app, [(60, 60), (90, 200), (200, 60)])
    second = app.root.title()
    press(app, "<Control-z>")
    assert (len(app.input.drawing.strokes), app.root.title()) == (1, first)
    press(app, "<Escape>")
    assert app.input.drawing.empty
    press(app, "<Control-z>")
    assert (len(app.input.drawing.strokes), app.root.title()) == (1, first)
    press(app, "<Control-z>")
    assert app.root.title() == "nnscratch"
    press(app, "<Control-y>")
    press(app, "<Control-Z>")
    assert app.input.drawing.empty  # the clearing was drawn again too
    press(app, "<Control-Lock-z>")  # with Caps Lock
    assert not app.input.drawing.empty
    assert second != first


def test_the_help_sheet_lists_every_key_and_closes(open_app) -> None:
    from gui import shortcuts

    app = open_app()
    press(app, "<F1>")
    sheet, shown = app.help_sheet, []
    waiting = [sheet]
    while waiting:
        widget = waiting.pop()
        waiting += widget.winfo_children()
        if widget.winfo_class() == "TLabel":
            shown.append(widget.cget("text"))
    every = [key for section in shortcuts.SECTIONS.values() for key in section if key.keys]
    assert {key.effect for key in every} <= set(shown)
    assert {key.keys for key in every} <= set(shown)
    press(app, "<Control-l>")
    x, y = (getattr(app.root, f"winfo_root{at}")() for at in "xy")
    middle = x + app.root.winfo_width() // 2, y + app.root.winfo_height() // 2
    assert str(app.root.winfo_containing(*middle)).startswith(str(app.help_sheet))
    press(app, "<Escape>")
    assert app.help_sheet is None
