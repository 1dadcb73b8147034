"""The wired window, in this process: what is shown when, and the runs one can choose."""

import re
import shutil
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from events import LINE, choose, draw, press, texts, wait_until
from harness import place
from live_window import TITLE
from PIL import Image

from experiments.tracking import Tracker
from gui.background import Background
from gui.prediction.bars import percent
from gui.preprocessing import from_raster, rasterise, redraw
from gui.runs.library import RunLibrary
from gui.style.palette import DARK, LIGHT
from nnscratch import load_checkpoint, mlp


def test_an_empty_canvas_predicts_nothing(open_app) -> None:
    app = open_app()
    app.recognize()
    assert app.root.title() == "nnscratch"
    assert texts(app.panels[0].verdict) == ["", "", "", ""]
    assert not any("%" in text for text in texts(app.panels[0].bars))


def test_a_drawing_is_answered_everywhere_alike(open_app, untrained) -> None:
    app = open_app()
    draw(app)
    image = redraw(app.subject.drawing.paths)
    [probabilities] = load_checkpoint(untrained).predict_proba(image.reshape(1, -1))
    digit, share = probabilities.argmax(), percent(probabilities.max())
    assert app.root.title() == f"nnscratch — {digit} ({share})"
    assert texts(app.panels[0].verdict)[:2] == [str(digit), share]
    top = np.argsort(-probabilities)[:3]
    shown = [text for text in texts(app.panels[0].bars) if "%" in text]
    assert shown == [percent(probabilities[digit]) for digit in sorted(top)]


def test_the_answer_comes_while_the_pen_is_still_down(open_app) -> None:
    app = open_app()
    draw(app, lift=False)
    wait_until(app.root, lambda: TITLE.fullmatch(app.root.title()))


def test_the_network_is_lit_by_the_last_answer_and_by_nothing_at_last(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    draw(app)
    wait_until(
        app.root, lambda: shown_network(panel) == panel.network.picture.paint(panel.prediction)
    )
    draw(app, [(60, 60), (90, 200), (200, 60)])
    press(app, "<Control-z>")  # in the middle of a picture, perhaps
    wait_until(
        app.root, lambda: shown_network(panel) == panel.network.picture.paint(panel.prediction)
    )
    press(app, "<Escape>")
    wait_until(app.root, lambda: shown_network(panel) == panel.network.picture.paint())


def shown_network(panel) -> Image.Image:
    from PIL import ImageTk

    shown = Image.new("RGB", (panel.network.winfo_width(), panel.network.winfo_height()))
    for left, photo in panel.network.photos.items():
        shown.paste(ImageTk.getimage(photo), (left, 0))
    return shown


@pytest.mark.parametrize("how", ["button", "escape"])
def test_clear_takes_the_answer_away(open_app, how) -> None:
    app = open_app()
    draw(app)
    if how == "button":
        app.clear_button.invoke()
    else:
        press(app, "<Escape>")
    wait_until(app.root, lambda: app.root.title() == "nnscratch")
    assert app.subject.drawing.empty
    assert texts(app.panels[0].verdict) == ["", "", "", ""]


def test_panels_are_aligned_and_pixels_are_pixels(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    wait_until(app.root, lambda: panel.bars.winfo_width() > 1)
    canvas, pixels, network, picker = app.canvas, app.seen.pixels, panel.network, app.bottom.picker
    assert (canvas.winfo_width(), canvas.winfo_height()) == (280, 280)
    assert (pixels.winfo_width(), pixels.winfo_height()) == (280, 280)
    assert canvas.winfo_rooty() == pixels.winfo_rooty() == network.winfo_rooty()
    bottom = panel.bars.winfo_rooty() + panel.bars.winfo_height()
    assert network.winfo_rooty() + network.winfo_height() == bottom
    right = picker.winfo_rootx() + picker.winfo_width()
    assert network.winfo_rootx() + network.winfo_width() == right
    assert app.root.winfo_width() <= 1280
    assert app.root.winfo_height() <= 728  # a screen of 768 less its bars


def test_the_network_grows_with_the_window(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    network = panel.network
    at_rest, before = shown_network(panel), network.winfo_width()
    draw(app)
    wait_until(app.root, lambda: shown_network(panel) != at_rest)
    app.root.geometry("1270x790")
    wait_until(app.root, lambda: network.winfo_width() > before)
    draw(app)  # the picture of before was only begun, if the window was fast enough
    wait_until(app.root, lambda: shown_network(panel) == network.picture.paint(panel.prediction))
    assert (app.canvas.winfo_width(), app.canvas.winfo_height()) == (280, 280)


def test_a_window_squeezed_by_the_desktop_survives(open_app) -> None:
    app = open_app()
    app.root.minsize(1, 1)
    app.root.geometry("300x120")
    wait_until(app.root, lambda: app.root.winfo_width() == 300)
    draw(app)
    assert TITLE.fullmatch(app.root.title())


def test_keys_take_back_and_draw_again(open_app) -> None:
    app = open_app()
    draw(app)
    first = app.root.title()
    draw(app, [(60, 60), (90, 200), (200, 60)])
    second = app.root.title()
    press(app, "<Control-z>")
    assert (len(app.subject.drawing.strokes), app.root.title()) == (1, first)
    press(app, "<Escape>")
    assert app.subject.drawing.empty
    press(app, "<Control-z>")
    assert (len(app.subject.drawing.strokes), app.root.title()) == (1, first)
    press(app, "<Control-z>")
    assert app.root.title() == "nnscratch"
    press(app, "<Control-y>")
    press(app, "<Control-Z>")
    assert app.subject.drawing.empty  # the clearing was drawn again too
    press(app, "<Control-Lock-z>")  # with Caps Lock
    assert not app.subject.drawing.empty
    assert second != first


def test_the_brush_is_as_wide_as_its_control_says(open_app) -> None:
    app = open_app()
    press(app, "<bracketright>")
    draw(app)
    app.brush.set(8)
    draw(app, [(30, 30), (90, 30)])
    assert [stroke.width for stroke in app.subject.drawing.strokes] == [22, 8]
    assert app.brush.words.cget("text") == "8 px"
    assert np.count_nonzero(app.subject.drawing.raster[:, 60]) in (8, 9)
    for _ in range(30):
        press(app, "<bracketleft>")
    assert app.canvas.width == 4


def test_a_picture_of_all_panels_is_saved_whole(open_app, tmp_path) -> None:
    app = open_app()
    draw(app)
    app.save(tmp_path / "seven.png")
    with Image.open(tmp_path / "seven.png") as picture:
        drawn = np.asarray(picture.convert("L"))
    assert drawn.shape[1] > 1200
    assert (drawn[:, :300] == 255).sum() == np.count_nonzero(app.subject.drawing.raster)
    assert str(tmp_path / "seven.png") in app.bottom.message.cget("text")
    assert [file.name for file in tmp_path.iterdir()] == ["seven.png"]
    app.save(tmp_path / "no such folder" / "seven.png")
    assert "no such folder" in app.bottom.message.cget("text")
    assert str(app.bottom.message.cget("style")) == "Error.TLabel"


def test_the_help_sheet_names_every_key_and_goes_away(open_app) -> None:
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
    every = [key for chapter in shortcuts.CHAPTERS for key in chapter.shortcuts if key.keys]
    assert {key.words for key in every} <= set(shown)
    assert {key.keys for key in every} <= set(shown)
    press(app, "<Control-l>")
    x, y = (getattr(app.root, f"winfo_root{at}")() for at in "xy")
    middle = x + app.root.winfo_width() // 2, y + app.root.winfo_height() // 2
    assert str(app.root.winfo_containing(*middle)).startswith(str(app.help_sheet))
    press(app, "<Escape>")
    assert app.help_sheet is None


def test_light_and_dark_show_the_same(open_app) -> None:
    app = open_app()
    draw(app)
    press(app, "<bracketright>")
    press(app, "<W>")  # with Caps Lock
    press(app, "<Control-w>")
    assert app.subject.why
    title, shown = app.root.title(), texts(app.panels[0].verdict)
    press(app, "<Control-l>")
    assert app.root.cget("background") == LIGHT.background
    assert app.canvas.width == app.brush.width == 22
    assert (app.root.title(), texts(app.panels[0].verdict)) == (title, shown)
    press(app, "<Control-z>")
    assert app.root.title() == "nnscratch"
    press(app, "<Control-l>")
    assert app.root.cget("background") == DARK.background


def test_on_a_fine_display_everything_is_larger_and_reads_the_same(open_app) -> None:
    app = open_app(scale=2)
    draw(app, [(2 * x, 2 * y) for x, y in LINE])
    assert (app.canvas.winfo_width(), app.seen.pixels.winfo_width()) == (560, 560)
    assert app.subject.drawing.paths == [LINE]
    np.testing.assert_array_equal(app.subject.drawing.raster, rasterise([LINE]))


def test_on_a_fine_but_small_display_all_of_it_is_seen(root) -> None:
    from gui.style import theme

    before = root.tk.call("tk", "scaling")
    root.tk.call("tk", "scaling", 192 / 72)  # dots per point
    scale = theme.look(root).scale
    root.tk.call("tk", "scaling", before)
    assert scale == 1  # twice as large it would not fit on 1280×800


def test_the_pipeline_can_be_changed_and_a_thick_pen_is_warned_of(open_app, untrained) -> None:
    app = open_app()
    app.brush.set(40)
    draw(app, [(140, 120), (140, 160)])
    assert texts(app.panels[0].verdict)[3] == ""
    press(app, "<p>")
    assert "thinner" in texts(app.panels[0].verdict)[3]
    image = from_raster(app.subject.drawing.raster)
    expected = load_checkpoint(untrained).predict(image.reshape(1, -1))[0]
    assert app.panels[0].prediction.digit == expected
    press(app, "<p>")
    assert texts(app.panels[0].verdict)[3] == ""


def test_steps_and_reasons_are_shown_one_at_a_time(open_app) -> None:
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


def shown_pixels(app) -> bytes:
    from PIL import ImageTk

    return ImageTk.getimage(app.seen.pixels.photo).tobytes()


def test_a_unit_under_the_pointer_tells_about_itself(open_app) -> None:
    app = open_app()
    draw(app)
    [panel] = app.panels
    x, y = next(
        (x, y) for y in range(450) for x in range(600) if panel.network.picture.unit_at(x, y)
    )
    panel.network.event_generate("<Motion>", x=x, y=y)
    assert panel.card.winfo_ismapped
    panel.network.event_generate("<Motion>", x=1, y=1)
    assert panel.card is None


def test_two_runs_read_the_same_strokes(open_app, trained, tmp_path) -> None:
    app = open_app(tmp_path, trained)
    draw(app)
    image = redraw(app.subject.drawing.paths).reshape(1, -1)
    digit = load_checkpoint(trained).predict(image)[0]
    assert texts(app.panels[1].verdict)[0] == str(digit) == "1"
    assert [panel.reader.source for panel in app.panels] == ["untrained.npz", "mnist.npz"]
    assert re.fullmatch(r"nnscratch — \d \(.*\) \| 1 \(.*\)", app.root.title())
    assert app.root.winfo_reqheight() <= 728
    press(app, "<Escape>")
    assert texts(app.panels[1].verdict)[0] == ""


def test_a_source_is_cut_between_words_where_there_is_no_room(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    source = "model.init=zeros " * 8 + "· 0123abcd"
    panel.use(replace(panel.reader, source=source))
    shown = panel.source.cget("text")
    assert source.endswith(shown.removeprefix("… "))
    assert shown.startswith("… model.init=zeros")
    assert panel.source.winfo_reqwidth() <= panel.source.winfo_width()
    app.root.geometry("2000x790")
    wait_until(app.root, lambda: panel.source.cget("text") == source)


def test_without_runs_the_window_says_how_to_make_one(open_app, tmp_path) -> None:
    app = open_app()
    assert "python -m experiments.train data=digits" in app.bottom.message.cget("text")
    assert list(tmp_path.glob("*.db")) == []  # looking leaves nothing behind


@pytest.fixture
def with_runs(open_app, runs_folder):
    """The window beside a store with runs, a digit drawn; and their ids by hidden layers."""
    app = open_app(runs_folder)
    draw(app)
    rows = app.bottom.picker.table.get_children()
    return app, {app.bottom.picker.table.set(row, "hidden layers"): row for row in rows}


def test_every_run_is_listed_with_what_it_was(with_runs) -> None:
    app, rows = with_runs
    assert set(rows) == {"12", "16–8"}
    row = app.bottom.picker.table.set(rows["16–8"])
    expected = {"data": "digits", "activation": "relu", "init": "he_normal", "optimizer": "adam"}
    assert expected.items() <= row.items()
    assert row["val accuracy"] == "93.75 %"
    assert row["status"] == "finished"
    assert row["experiment"] == "nnscratch"
    assert re.fullmatch(r"\d\d \w+ 20\d\d, \d\d:\d\d", row["started"])


def test_choosing_a_run_changes_the_network_and_keeps_the_drawing(with_runs) -> None:
    app, rows = with_runs
    before, strokes = app.root.title(), list(app.subject.drawing.strokes)
    for hidden in ("16–8", "12"):
        choose(app, rows[hidden])
        sizes = [layer.fan_out for layer in app.panels[0].reader.recognizer.network.layers[::2]]
        assert sizes == [*map(int, hidden.split("–")), 10]
        assert rows[hidden][:8] in app.panels[0].source.cget("text")
        assert app.bottom.picker.table.selection() == (rows[hidden],)
        assert app.bottom.message.cget("text") == ""
    assert app.subject.drawing.strokes == strokes
    assert TITLE.fullmatch(app.root.title())
    assert app.root.title() != before


def test_the_table_sorts_by_any_column_and_finds_words(with_runs) -> None:
    app, rows = with_runs
    picker = app.bottom.picker

    def shown() -> list[str]:
        return [picker.table.set(row, "hidden layers") for row in picker.table.get_children()]

    picker.sort("val accuracy")
    assert shown() == ["16–8", "12"]
    picker.sort("val accuracy")
    assert shown() == ["12", "16–8"]
    assert picker.table.heading("val accuracy")["text"].endswith("▴")
    picker.sort("hidden layers")
    assert shown() == ["12", "16–8"]
    picker.sort("hidden layers")
    app.bottom.filter.insert(0, "RELU")
    press(app, "<Control-l>")
    picker = app.bottom.picker
    assert (shown(), app.bottom.filter.get()) == (["16–8", "12"], "RELU")
    app.bottom.filter.insert("end", " 16–8")
    assert shown() == ["16–8"]
    choose(app, rows["16–8"])
    app.bottom.filter.delete(0, "end")
    assert picker.table.selection() == (rows["16–8"],)
    assert len(shown()) == 2


def test_a_key_in_the_find_field_is_a_letter(with_runs) -> None:
    app, _ = with_runs
    seen, before = shown_pixels(app), list(app.subject.drawing.strokes)
    app.root.focus_force()
    press(app, "<Control-f>")
    for key in "w", "p", "bracketleft":
        app.bottom.filter.event_generate(f"<{key}>")
    assert app.bottom.filter.get() == "wp["
    assert shown_pixels(app) == seen
    app.bottom.filter.event_generate("<Escape>")
    assert app.bottom.filter.get() == ""
    assert app.subject.drawing.strokes == before


def test_epochs_can_be_gone_through(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["12"])
    [panel] = app.panels
    final, best = app.root.title(), panel.reader.recognizer.network.parameters.copy()
    press(app, "<Left>")
    wait_until(app.root, lambda: panel.reader.epoch == 3)
    assert panel.scrubber.words == "epoch 3 of 3"
    np.testing.assert_array_equal(
        panel.reader.recognizer.network.parameters, mlp([784, 12, 10], seed=30).parameters
    )
    panel.scrubber.slider.set(0)
    wait_until(app.root, lambda: panel.reader.epoch == 1)
    panel.scrubber.play_button.invoke()
    wait_until(app.root, lambda: panel.reader.epoch is None)
    np.testing.assert_array_equal(panel.reader.recognizer.network.parameters, best)
    assert app.root.title() == final
    choose(app, rows["16–8"])
    assert panel.scrubber.words == "best weights"


def test_an_epoch_that_cannot_be_read_ends_playing_where_it_was(with_runs) -> None:
    from experiments.tracking import RunStore

    app, rows = with_runs
    choose(app, rows["12"])
    [panel] = app.panels
    checkpoint = RunStore().checkpoint(rows["12"], "epochs/epoch_0002")
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[:100])
    press(app, "<space>")
    wait_until(app.root, lambda: "epoch_0002.npz" in app.bottom.message.cget("text"))
    checkpoint.write_bytes(content)  # other tests need it
    assert panel.reader.epoch == 1
    assert panel.scrubber.words == "epoch 1 of 3"
    assert panel.scrubber.play_button.cget("text") == "▶ play"
    press(app, "<Right>")
    wait_until(app.root, lambda: panel.reader.epoch == 2)
    assert app.bottom.message.cget("text") == ""


def test_runs_that_come_and_break_show_by_themselves(open_app, runs_folder, tmp_path) -> None:
    """As in a sweep beside the window; the run that is marked stays so."""
    folder = tmp_path / "copy"
    shutil.copytree(runs_folder, folder)
    app = open_app(folder)
    known = app.bottom.picker.table.get_children()
    app.bottom.picker.table.selection_set(known[0])
    wait_until(app.root, lambda: app.panels[0].reader.run_id == known[0])
    with Tracker(
        place(folder),
        name="late",
        kind="run",
        parameters={"data.name": "digits", "model.hidden": [5]},
        tags={},
    ):
        pass
    wait_until(app.root, lambda: len(app.bottom.picker.table.get_children()) == 3)
    [late] = set(app.bottom.picker.table.get_children()) - set(known)
    wait_until(app.root, lambda: app.bottom.picker.table.set(late, "status") == "no checkpoint")
    assert app.bottom.picker.table.selection() == (known[0],)
    choose(app, late)
    assert "best.npz" in app.bottom.message.cget("text")


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
    app.runs.refresh()
    wait_until(app.root, lambda: app.bottom.message.cget("text") == "")
    listed = app.bottom.picker.table.set(rows["12"], "status")
    choose(app, rows["12"])
    checkpoint.write_bytes(content)  # other tests need it
    assert listed == {"missing": "no checkpoint", "corrupt": "corrupt checkpoint"}[damage]
    assert "best.npz" in app.bottom.message.cget("text")
    assert str(app.bottom.message.cget("style")) == "Error.TLabel"
    assert app.root.title() == answer
    assert app.bottom.picker.table.selection() == (rows["16–8"],)
    choose(app, rows["12"])
    assert app.bottom.message.cget("text") == ""


@pytest.mark.parametrize(
    "table",
    [
        "[]",
        '{"edges": [0, 1], "samples": [], "right": []}',
        '{"edges": [0, 1], "samples": ["x"], "right": [1]}',
        '{"edges": [0, 0.5, 1], "samples": [9, 9], "right": [1]}',
        '{"edges": [0, 1], "samples": [Infinity], "right": [1]}',
    ],
)
def test_a_damaged_calibration_is_as_none(runs_folder, monkeypatch, table) -> None:
    from experiments.tracking import RunStore

    monkeypatch.chdir(runs_folder)
    run = RunStore().best_run().run_id
    file = RunStore().checkpoint(run).parents[1] / "calibration.json"
    file.write_text(table)
    calibration = RunLibrary().reader(run).calibration
    file.unlink()
    assert calibration is None


def test_a_mistake_in_the_background_is_told_and_printed(root, capsys) -> None:
    background, begin, told = Background(root, "test"), Event(), []
    background.run(lambda: begin.wait() // 0, told.append, told.append)
    begin.set()
    wait_until(root, lambda: told)
    background.close()
    assert len(told) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_refresh_keeps_the_chosen_run_marked(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["16–8"])
    app.runs.refresh()
    wait_until(app.root, lambda: app.bottom.message.cget("text") == "")
    assert app.bottom.picker.table.selection() == (rows["16–8"],)
    assert len(app.bottom.picker.table.get_children()) == len(rows)


def test_test_images_are_shown_misread_ones_first(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["12"])
    press(app, "<Next>")
    wait_until(app.root, lambda: app.subject.exhibit is not None)
    assert "misread" in app.bottom.gallery.caption.cget("text")
    exhibit, answer = app.subject.exhibit, app.panels[0].prediction.digit
    assert app.subject.drawing.empty
    assert exhibit.answer == answer != exhibit.label
    assert texts(app.panels[0].verdict)[3] == f"the label says {exhibit.label}"
    press(app, "<Next>")
    assert app.subject.exhibit.number != exhibit.number
    press(app, "<Prior>")
    assert app.subject.exhibit.number == exhibit.number
    press(app, "<Control-z>")  # the drawing that it took the place of
    assert app.subject.drawing.paths == [LINE]
    draw(app)
    press(app, "<Escape>")
    assert app.subject.exhibit is None
    assert app.root.title() == "nnscratch"
