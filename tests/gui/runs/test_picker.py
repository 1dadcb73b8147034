"""The table of runs in the window."""

import re
import shutil

import pytest
from events import choose, press, shown_pixels, wait_until
from harness import checkpoint
from live_window import TITLE


def test_without_runs_the_window_says_how_to_train_one(open_app, tmp_path) -> None:
    app = open_app()
    assert "python -m experiments.train data=digits" in app.message.cget("text")
    assert list(tmp_path.glob("*.db")) == []  # looking leaves nothing behind


def test_every_run_is_listed_with_its_settings(with_runs) -> None:
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
    before, strokes = app.root.title(), list(app.input.drawing.strokes)
    for hidden in ("16–8", "12"):
        choose(app, rows[hidden])
        sizes = [layer.fan_out for layer in app.panels[0].loaded.recognizer.network.layers[::2]]
        assert sizes == [*map(int, hidden.split("–")), 10]
        assert rows[hidden][:8] in app.panels[0].source.cget("text")
        assert app.picker.table.selection() == (rows[hidden],)
        assert app.message.cget("text") == ""
    assert app.input.drawing.strokes == strokes
    assert TITLE.fullmatch(app.root.title())
    assert app.root.title() != before


def test_the_table_sorts_by_any_column_and_finds_words(with_runs) -> None:
    app, rows = with_runs
    picker = app.picker

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
    app.find_field.insert(0, "RELU")
    press(app, "<Control-l>")
    picker = app.picker
    assert (shown(), app.find_field.get()) == (["16–8", "12"], "RELU")
    app.find_field.insert("end", " 16–8")
    assert shown() == ["16–8"]
    choose(app, rows["16–8"])
    app.find_field.delete(0, "end")
    assert picker.table.selection() == (rows["16–8"],)
    assert len(shown()) == 2


def test_a_key_in_the_find_field_is_a_letter(with_runs) -> None:
    app, _ = with_runs
    seen, before = shown_pixels(app), list(app.input.drawing.strokes)
    app.root.focus_force()
    press(app, "<Control-f>")
    for key in "w", "p", "bracketleft":
        app.find_field.event_generate(f"<{key}>")
    assert app.find_field.get() == "wp["
    assert shown_pixels(app) == seen
    app.find_field.event_generate("<Escape>")
    assert app.find_field.get() == ""
    assert app.input.drawing.strokes == before


def test_new_and_broken_runs_appear_without_a_refresh(open_app, runs_folder, tmp_path) -> None:
    """As of a sweep beside the window, or delivered long after they started.

    The selected run stays selected.
    """
    from mlflow import MlflowClient

    folder = tmp_path / "copy"
    shutil.copytree(runs_folder, folder)
    app = open_app(folder)
    known = app.picker.table.get_children()
    app.picker.table.selection_set(known[0])
    wait_until(app.root, lambda: app.panels[0].loaded.run_id == known[0])
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.search_experiments()[0].experiment_id
    run = client.create_run(experiment, start_time=1, tags={"nnscratch.kind": "run"})  # in 1970
    late = run.info.run_id
    client.set_terminated(late)
    wait_until(app.root, lambda: app.picker.table.exists(late))
    wait_until(app.root, lambda: app.picker.table.set(late, "status") == "no checkpoint")
    assert app.picker.table.get_children()[-1] == late
    assert app.picker.table.selection() == (known[0],)
    choose(app, late)
    assert "best.npz" in app.message.cget("text")


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_run_without_a_usable_checkpoint_is_explained(with_runs, damage) -> None:
    from experiments.tracking import RunStore

    app, rows = with_runs
    choose(app, rows["16–8"])
    answer = app.root.title()
    file = checkpoint(RunStore(), rows["12"])
    content = file.read_bytes()
    file.unlink()
    if damage == "corrupt":
        file.write_bytes(content[: len(content) // 2])
    app.runs.refresh()
    trouble = {"missing": "no checkpoint", "corrupt": "corrupt checkpoint"}[damage]
    wait_until(app.root, lambda: app.picker.table.set(rows["12"], "status") == trouble)
    choose(app, rows["12"])
    file.write_bytes(content)  # other tests need it
    assert "best.npz" in app.message.cget("text")
    assert str(app.message.cget("style")) == "Error.TLabel"
    assert app.root.title() == answer
    assert app.picker.table.selection() == (rows["16–8"],)
    choose(app, rows["12"])
    assert app.message.cget("text") == ""


def test_refresh_keeps_the_chosen_run_selected(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["16–8"])
    app.runs.refresh()
    wait_until(app.root, lambda: app.message.cget("text") == "")
    assert app.picker.table.selection() == (rows["16–8"],)
    assert len(app.picker.table.get_children()) == len(rows)
