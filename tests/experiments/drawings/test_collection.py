"""The drawings that somebody has named: kept whole, in order, and never written over."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from experiments.drawings.collection import DrawingFolder
from experiments.errors import DrawingsError

SEVEN = [np.array([[80, 60], [190, 62], [120, 220]]), np.array([[110, 140], [170, 138]])]


@pytest.fixture
def folder(tmp_path: Path) -> DrawingFolder:
    return DrawingFolder(tmp_path / "drawings")


def test_what_is_kept_is_read_again(folder: DrawingFolder) -> None:
    folder.add(SEVEN, 7, "f80faed3")
    folder.add([[(3, 4)]], 1, None)
    seven, dot = folder.read().drawings
    assert (seven.label, seven.run_id, dot.label, dot.run_id) == (7, "f80faed3", 1, None)
    for kept, drawn in zip(seven.strokes, SEVEN, strict=True):
        np.testing.assert_array_equal(kept, drawn)
    np.testing.assert_array_equal(dot.strokes[0], [(3, 4)])


def test_an_empty_or_missing_folder_has_none(folder: DrawingFolder) -> None:
    assert folder.read().drawings == []
    assert folder.read().trained_on == folder.read().held_back == []


def test_every_change_is_another_version(folder: DrawingFolder) -> None:
    versions = [folder.read().version]
    folder.add(SEVEN, 7, None)
    versions.append(folder.read().version)
    second = folder.add(SEVEN, 1, None)
    versions.append(folder.read().version)
    assert len(set(versions)) == 3
    second.unlink()
    assert folder.read().version == versions[1]


def test_windows_at_once_lose_nothing(folder: DrawingFolder) -> None:
    with ThreadPoolExecutor(8) as windows:
        files = list(windows.map(lambda k: folder.add(SEVEN, k % 10, None), range(80)))
    assert len(set(files)) == len(folder.read().drawings) == 80
    assert {path.suffix for path in folder.folder.iterdir()} == {".json"}


def test_every_third_of_a_digit_is_held_back_for_good(folder: DrawingFolder) -> None:
    held_back: list[float] = []
    for number in range(14):
        folder.add([[(number, 0)]], 7 if number % 2 else 4, None)
        now = [drawing.strokes[0][0, 0] for drawing in folder.read().held_back]
        assert now[: len(held_back)] == held_back
        held_back = now
    drawings = folder.read()
    assert held_back == [4, 5, 10, 11]
    assert len(drawings.trained_on) == 10


@pytest.mark.parametrize(
    ("strokes", "label", "complaint"),
    [
        (SEVEN, 10, "label is 10"),
        (SEVEN, -1, "label is -1"),
        ([], 7, "no strokes"),
        ([[(1, 2, 3)]], 7, r"\(n, 2\) points"),
        ([[(1, float("nan"))]], 7, "not a finite number"),
    ],
)
def test_what_is_no_drawing_is_not_kept(folder, strokes, label, complaint: str) -> None:
    with pytest.raises(DrawingsError, match=complaint):
        folder.add(strokes, label, None)
    assert not folder.read().drawings


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        json.dumps({"format": 2, "label": 7, "run_id": None, "strokes": [[[1, 2]]]}),
        json.dumps({"format": 1, "label": "7", "run_id": None, "strokes": [[[1, 2]]]}),
        json.dumps({"format": 1, "label": 7, "run_id": 3, "strokes": [[[1, 2]]]}),
        json.dumps({"format": 1, "label": 7, "run_id": None, "strokes": 5}),
        json.dumps({"format": 1, "label": 7, "run_id": None, "strokes": [[["a", 2]]]}),
        json.dumps({"format": 1, "label": 7, "run_id": None}),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(folder: DrawingFolder, content: str) -> None:
    folder.add(SEVEN, 7, None).write_text(content)
    with pytest.raises(DrawingsError, match=r"00001\.json holds no .* remove it") as refused:
        folder.read()
    assert "\n" not in str(refused.value)


def test_a_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "drawings").write_text("in the way")
    with pytest.raises(DrawingsError, match="drawings takes no drawing"):
        DrawingFolder(tmp_path / "drawings").add(SEVEN, 7, None)
