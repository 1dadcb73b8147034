"""The wired window, in this process: what is shown when, and the runs one can choose."""

import re

import numpy as np
import pytest
from live_window import TITLE, wait_until

from gui.preprocessing import from_raster
from gui.probability_bars import percent
from nnscratch import load_checkpoint

LINE = [(140, y) for y in range(60, 220, 10)]


def draw(app, points=LINE, *, lift: bool = True) -> None:
    app.root.update()
    app.canvas.event_generate("<ButtonPress-1>", x=points[0][0], y=points[0][1])
    for x, y in points[1:]:
        app.canvas.event_generate("<B1-Motion>", x=x, y=y)
    if lift:
        app.canvas.event_generate("<ButtonRelease-1>", x=points[-1][0], y=points[-1][1])


def texts(canvas) -> list[str]:
    """Every text on a Tk canvas."""
    return [canvas.itemcget(i, "text") for i in canvas.find_all() if canvas.type(i) == "text"]


def test_an_empty_canvas_predicts_nothing(open_app) -> None:
    app = open_app()
    app.recognize()
    assert app.root.title() == "nnscratch"
    assert texts(app.verdict) == ["", "", ""]
    assert not any("%" in text for text in texts(app.bars))


def test_a_drawing_is_answered_everywhere_alike(open_app, untrained) -> None:
    app = open_app()
    draw(app)
    image = from_raster(app.canvas.raster)
    [probabilities] = load_checkpoint(untrained).predict_proba(image.reshape(1, -1))
    digit, share = probabilities.argmax(), percent(probabilities.max())
    assert app.root.title() == f"nnscratch — {digit} ({share})"
    assert texts(app.verdict)[:2] == [str(digit), share]
    top = np.argsort(-probabilities)[:3]
    shown = [text for text in texts(app.bars) if "%" in text]
    assert shown == [percent(probabilities[digit]) for digit in sorted(top)]


def test_the_answer_comes_while_the_pen_is_still_down(open_app) -> None:
    app = open_app()
    draw(app, lift=False)
    wait_until(app.root, lambda: TITLE.fullmatch(app.root.title()))


@pytest.mark.parametrize("how", ["button", "escape"])
def test_clear_takes_the_answer_away(open_app, how) -> None:
    app = open_app()
    draw(app)
    if how == "button":
        app.clear.invoke()
    else:
        app.root.focus_force()
        app.root.update()
        app.canvas.event_generate("<Escape>")
    wait_until(app.root, lambda: app.root.title() == "nnscratch")
    assert app.canvas.empty
    assert texts(app.verdict) == ["", "", ""]


def test_panels_are_aligned_and_pixels_are_pixels(open_app) -> None:
    app = open_app()
    wait_until(app.root, lambda: app.bars.winfo_width() > 1)
    canvas, pixels, network, picker = app.canvas, app.pixels, app.network, app.picker
    assert (canvas.winfo_width(), canvas.winfo_height()) == (280, 280)
    assert (pixels.winfo_width(), pixels.winfo_height()) == (280, 280)
    assert canvas.winfo_rooty() == pixels.winfo_rooty() == network.winfo_rooty()
    bottom = app.bars.winfo_rooty() + app.bars.winfo_height()
    assert network.winfo_rooty() + network.winfo_height() == bottom
    right = picker.winfo_rootx() + picker.winfo_width()
    assert network.winfo_rootx() + network.winfo_width() == right
    assert app.root.winfo_width() <= 1280
    assert app.root.winfo_height() <= 728  # a screen of 768 less its bars


def test_the_network_grows_with_the_window(open_app) -> None:
    app = open_app()
    draw(app)
    app.root.geometry("1270x790")
    before = app.network.winfo_width()
    wait_until(app.root, lambda: app.network.winfo_width() > before)
    assert (app.canvas.winfo_width(), app.canvas.winfo_height()) == (280, 280)


def test_a_window_squeezed_by_the_desktop_survives(open_app) -> None:
    app = open_app()
    app.root.minsize(1, 1)
    app.root.geometry("300x120")
    wait_until(app.root, lambda: app.root.winfo_width() == 300)
    draw(app)
    assert TITLE.fullmatch(app.root.title())


def test_without_runs_the_window_says_how_to_make_one(open_app, tmp_path) -> None:
    app = open_app()
    assert "python -m experiments.train data=digits" in app.message.cget("text")
    assert list(tmp_path.glob("*.db")) == []  # looking leaves nothing behind


@pytest.fixture
def with_runs(open_app, runs_folder):
    """The window beside a store with runs, a digit drawn; and their ids by hidden layers."""
    app = open_app(runs_folder)
    draw(app)
    rows = app.picker.table.get_children()
    return app, {app.picker.table.set(row, "hidden layers"): row for row in rows}


def choose(app, run_id: str) -> None:
    app.picker.table.selection_set(run_id)
    app.root.update()


def test_every_run_is_listed_with_what_it_was(with_runs) -> None:
    app, rows = with_runs
    assert set(rows) == {"12", "16–8"}
    row = app.picker.table.set(rows["16–8"])
    expected = {"data": "digits", "activation": "relu", "init": "he_normal", "optimizer": "adam"}
    assert expected.items() <= row.items()
    assert row["val accuracy"] == "93.75 %"
    assert row["status"] == "finished"
    assert row["experiment"] == "nnscratch"
    assert re.fullmatch(r"\d\d \w+ 20\d\d, \d\d:\d\d", row["started"])


def test_choosing_a_run_changes_the_network_and_keeps_the_drawing(with_runs) -> None:
    app, rows = with_runs
    before, strokes = app.root.title(), list(app.canvas.strokes)
    for hidden in ("16–8", "12"):
        choose(app, rows[hidden])
        sizes = [layer.fan_out for layer in app.recognizer.network.layers[::2]]
        assert sizes == [*map(int, hidden.split("–")), 10]
        assert rows[hidden][:8] in app.source.cget("text")
        assert app.picker.table.selection() == (rows[hidden],)
        assert app.message.cget("text") == ""
    assert app.canvas.strokes == strokes
    assert TITLE.fullmatch(app.root.title())
    assert app.root.title() != before


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_run_without_a_usable_checkpoint_is_explained(with_runs, damage) -> None:
    from experiments.tracking import RunStore

    app, rows = with_runs
    choose(app, rows["16–8"])
    answer = app.root.title()
    checkpoint = RunStore().checkpoint(rows["12"])
    content = checkpoint.read_bytes()
    checkpoint.unlink()
    if damage == "corrupt":
        checkpoint.write_bytes(content[: len(content) // 2])
    choose(app, rows["12"])
    checkpoint.write_bytes(content)  # other tests need it
    assert "best.npz" in app.message.cget("text")
    assert str(app.message.cget("style")) == "Error.TLabel"
    assert app.root.title() == answer
    assert app.picker.table.selection() == (rows["16–8"],)
    choose(app, rows["12"])
    assert app.message.cget("text") == ""


def test_refresh_keeps_the_chosen_run_marked(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["16–8"])
    app.refresh()
    wait_until(app.root, lambda: app.message.cget("text") == "")
    assert app.picker.table.selection() == (rows["16–8"],)
    assert len(app.picker.table.get_children()) == len(rows)
