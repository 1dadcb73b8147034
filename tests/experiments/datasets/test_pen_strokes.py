"""Files of pen strokes: both formats give the same; every wrong file is refused with its name."""

import os
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from unipen import unipen

from experiments.datasets.pen_strokes import PenStrokes, read_pen_strokes
from experiments.errors import DatasetError

DRAWINGS = [
    (4, 12, [[(10, 90), (0, 40), (50, 40)], [(40, 60), (40, 0)]]),
    (1, 7, [[(250, 300), (250, 200)]]),
    (7, 12, [[(0, 100), (60, 100), (20, 0)], [(10, 50), (50, 50)]]),
]
TEXT = unipen(DRAWINGS)


def arrays(drawings=DRAWINGS) -> dict[str, np.ndarray]:
    """The same as flat arrays, y down."""
    strokes = [np.array(stroke) * (1, -1) for _, _, drawn in drawings for stroke in drawn]
    return {
        "points": np.concatenate(strokes).astype(np.int16),
        "strokes": np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        "samples": np.cumsum([0, *(len(drawn) for _, _, drawn in drawings)]).astype(np.int32),
        "labels": np.array([label for label, _, _ in drawings], np.uint8),
        "writer": np.array([writer for _, writer, _ in drawings], np.uint8),
        "seq": np.arange(len(drawings), dtype=np.uint8),
    }


def _text(folder: Path, text: str) -> Path:
    path = folder / "pendigits-orig.tra"
    path.write_text(text)
    return path


def _npz(folder: Path, **contents: np.ndarray) -> Path:
    path = folder / "strokes.npz"
    np.savez_compressed(path, allow_pickle=True, **contents)
    return path


def _check(pen: PenStrokes) -> None:
    assert len(pen) == len(DRAWINGS)
    np.testing.assert_array_equal(pen.turns, [0, 1, 2])
    for found, label, writer, (expected, by, strokes) in zip(
        pen.drawings(), pen.labels, pen.writers, DRAWINGS, strict=True
    ):
        assert (label, writer, len(found)) == (expected, by, len(strokes))
        for stroke, points in zip(found, strokes, strict=True):
            np.testing.assert_array_equal(stroke, np.array(points) * (1, -1))


def test_the_original_text_is_read(tmp_path: Path) -> None:
    _check(read_pen_strokes(_text(tmp_path, TEXT)))


def test_saved_strokes_are_read_again(tmp_path: Path) -> None:
    read_pen_strokes(_text(tmp_path, TEXT)).save(tmp_path / "saved.npz")
    _check(read_pen_strokes(tmp_path / "saved.npz"))


def test_flat_arrays_are_read(tmp_path: Path) -> None:
    _check(read_pen_strokes(_npz(tmp_path, **arrays())))


def test_the_shared_strokes_are_read(pen_digits: Path) -> None:
    pen = read_pen_strokes(pen_digits / "strokes_train.npz")
    assert len(pen) == 7494
    assert len(pen.strokes) - 1 == 9433
    assert sorted(set(pen.writers)) == list(range(1, 31))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"no line such as \.SEGMENT DIGIT"),
        ("x y\n1 2\n", r"no line such as \.SEGMENT DIGIT"),
        (TEXT.replace(".COMMENT 1 7 1\n", ""), r"3 digits but 2 lines that name the writers"),
        (TEXT.replace("250  300", "250"), r"line \d+ is ' 250', not a point x y"),
        (
            TEXT.replace(".PEN_DOWN\n  250  300\n  250  200\n.PEN_UP\n", ""),
            "samples has an",
        ),
        (".PEN_DOWN\n1 1\n.PEN_UP\n" + TEXT, "samples does not lead from 0"),
    ],
)
def test_other_text_is_refused_with_the_name_of_the_file(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = _text(tmp_path, text)
    with pytest.raises(DatasetError, match=rf"\.tra holds no .*{complaint}") as refused:
        read_pen_strokes(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"points": np.zeros((11, 3), np.int16)}, r"points are of shape \(11, 3\)"),
        ({"points": np.full((13, 2), np.nan)}, "points has NaN or infinity"),
        ({"points": np.zeros((9, 2), np.int16)}, "strokes does not lead from 0 to 9"),
        ({"strokes": np.array([0, 3, 2, 7, 10, 12])}, "strokes has an entry without any points"),
        ({"samples": np.array([0, 2, 5])}, "2 samples, but labels of shape"),
        ({"labels": np.array([4, 1, 10])}, "labels holds 10"),
        ({"writer": np.zeros(2, np.uint8)}, "writer of shape"),
        ({"writer": np.array(["a", "b", "c"])}, "writer is of dtype"),
        ({"writer": np.array([{}, 1, 2], object)}, "writer is of dtype object"),
        ({"labels": np.zeros(60_000_000, np.uint8)}, r"labels has the shape \(60000000,\)"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    tmp_path: Path, changes, complaint: str
) -> None:
    with pytest.raises(DatasetError, match=rf"strokes\.npz holds no .*{complaint}"):
        read_pen_strokes(_npz(tmp_path, **(arrays() | changes)))


def test_an_archive_without_strokes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no .*it holds weights float64 \(3,\)"):
        read_pen_strokes(_npz(tmp_path, weights=np.zeros(3)))


@pytest.mark.parametrize("cut", [4, 200, -30])
def test_a_truncated_archive_is_refused(tmp_path: Path, cut: int) -> None:
    path = _npz(tmp_path, **arrays())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DatasetError, match=r"strokes\.npz holds no"):
        read_pen_strokes(path)


def test_an_archive_of_another_compression_is_refused(tmp_path: Path) -> None:
    path = _npz(tmp_path, **arrays())
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = 99  # the method of the first entry
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"strokes\.npz holds no .*compression"):
        read_pen_strokes(path)


@pytest.mark.parametrize("magic", [b"\x1f\x9d", b"\x1f\x8b"])
def test_a_compressed_download_must_be_unpacked_first(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "pendigits-orig.tra.Z"
    path.write_bytes(magic + bytes(100))
    with pytest.raises(DatasetError, match="it is compressed, unpack it first with gunzip"):
        read_pen_strokes(path)


def test_special_and_very_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="/dev/zero is not a file"):
        read_pen_strokes(Path("/dev/zero"))
    os.mkfifo(tmp_path / "waits for ever")
    with pytest.raises(DatasetError, match="waits for ever is not a file"):
        read_pen_strokes(tmp_path / "waits for ever")
    with (tmp_path / "sparse.npz").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DatasetError, match=r"sparse\.npz is larger than 100,000,000 bytes"):
        read_pen_strokes(tmp_path / "sparse.npz")


@pytest.mark.parametrize("seed", range(3))
def test_damaged_strokes_are_refused_or_harmless(tmp_path: Path, seed: int) -> None:
    moment = random.Random(seed)
    files = [_text(tmp_path, TEXT), _npz(tmp_path, **arrays())]
    for file in files:
        good = file.read_bytes()
        for _ in range(50):
            damaged = bytearray(good)
            for _ in range(moment.choice((1, 3, 30))):
                damaged[moment.randrange(len(damaged))] = moment.randrange(256)
            file.write_bytes(damaged)
            with suppress(DatasetError):
                read_pen_strokes(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere\.npz cannot be read \(No such file"):
        read_pen_strokes(tmp_path / "nowhere.npz")
