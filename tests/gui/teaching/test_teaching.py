"""Teaching in the window: the drawings kept, the tuned run, going back, closing meanwhile."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from events import choose, draw, press, texts, wait_until
from live_window import LiveWindow, own_environment

from experiments.drawings.collection import DrawingFolder
from experiments.tracking import RunStore

CROSS = [(80, 80), (200, 200), (80, 200), (200, 80)]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one trained run."""
    folder = tmp_path_factory.mktemp("school")
    arguments = ["data=digits", "model.hidden=[16]", "epochs=2"]
    subprocess.run(
        [sys.executable, "-m", "experiments.train", *arguments],
        cwd=folder,
        env=own_environment(),
        capture_output=True,
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def store(school: Path) -> RunStore:
    return RunStore(f"sqlite:///{school / 'mlflow.db'}")


@pytest.fixture
def app(open_app, school, store) -> Iterator:
    """The window on that run."""
    window = open_app(school)
    [run] = store.runs()
    choose(window, run.run_id)
    yield window
    for file in (school / "drawings").glob("*.json"):
        file.unlink()


def kept(school: Path) -> list[tuple[int, int]]:
    drawings = DrawingFolder(school / "drawings").read().drawings
    return [(drawing.label, len(drawing.strokes)) for drawing in drawings]


def test_drawings_are_kept_with_their_labels(app, school, store) -> None:
    press(app, "<Key-3>")
    assert "draw the 3 first" in app.message.cget("text")
    draw(app, CROSS)
    press(app, "<Key-3>")
    draw(app)
    press(app, "<Key-8>")
    assert kept(school) == [(3, 1), (8, 2)]
    assert app.teach_button.cget("text") == "Teach (2)"
    [first, _] = DrawingFolder(school / "drawings").read().drawings
    assert first.strokes[0].tolist() == [list(point) for point in CROSS]
    assert first.run_id == store.runs()[0].run_id
    press(app, "<BackSpace>")
    press(app, "<BackSpace>")
    press(app, "<BackSpace>")
    assert kept(school) == []
    assert app.teach_button.cget("text") == "Teach (0)"


def test_a_drawing_is_kept_once_with_its_last_label(app, school) -> None:
    """However long the key is held down: a copy could be trained on and tested on."""
    draw(app, CROSS)
    for key in "338883":
        press(app, f"<Key-{key}>")
    assert kept(school) == [(3, 1)]
    press(app, "<BackSpace>")
    assert kept(school) == []
    press(app, "<Key-3>")
    assert kept(school) == [(3, 1)]


def test_teaching_logs_a_run_and_the_user_can_go_back(app, school, store) -> None:
    [panel], [run] = app.panels, store.runs()
    for move in range(4):
        press(app, "<Escape>")
        draw(app, [(x + move, y) for x, y in CROSS])
        press(app, "<Key-3>")
    untaught = app.root.title()
    before = panel.loaded.recognizer.network.parameters.copy()
    app.teach_button.invoke()
    wait_until(app.root, lambda: panel.loaded.taught_from == run.run_id)
    child = panel.loaded.run_id
    assert child in [tuned.run_id for tuned in store.runs("tuned")]
    assert "held-back drawings (1) " in app.message.cget("text")
    assert texts(panel.verdict)[0] == "3"
    wait_until(app.root, lambda: app.picker.table.exists(child))
    assert app.picker.table.set(child, "status") == "taught 3"
    press(app, "<c>")
    assert [p.loaded.run_id for p in app.panels] == [child, run.run_id]
    assert untaught.removeprefix("nnscratch — ") in app.root.title().split(" | ")[1]
    press(app, "<c>")
    press(app, "<b>")
    assert app.root.title() == untaught
    np.testing.assert_array_equal(app.panels[0].loaded.recognizer.network.parameters, before)


def test_without_drawings_or_a_run_there_is_nothing_to_teach(app, open_app, school) -> None:
    press(app, "<t>")
    wait_until(app.root, lambda: "no drawings to learn from" in app.message.cget("text"))
    assert str(app.message.cget("style")) == "Error.TLabel"


def test_with_mouse_and_keys_alone(school, store, display, mouse) -> None:
    """Draw, label, teach, compare, go back; and close the window while it teaches."""
    before = len(store.runs("tuned"))
    with LiveWindow(display, school, "--best") as window:
        window.draw([np.array(CROSS)])
        window.answer()
        title = window.title
        window.press("3")
        window.press("t")
        taught = window.wait_for(f"(?!{re.escape(title)}).*").group()
        assert len(store.runs("tuned")) == before + 1
        window.press("c")
        window.wait_for(r".*\) \| .*")
        window.press("c")
        window.wait_for(re.escape(taught))
        window.press("b")
        window.wait_for(re.escape(title))
        window.press("t")
        assert window.close() == (0, "")
    assert kept(school) == [(3, 1)]
    assert {run.status for run in store.runs("tuned")} == {"FINISHED"}
