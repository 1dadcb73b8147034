"""MNIST beside pen strokes: who is trained on, who validated on, what is cached and refused."""

from pathlib import Path

import numpy as np
import pytest
from unipen import drawings, unipen

from experiments.datasets import Splits, load
from experiments.drawings.rendering import redraw
from experiments.errors import DatasetError

VIEWS = 12  # what so few drawings get at most
MNIST = 60_000


def _load(path: Path | None, *, val_fraction: float = 0.2, seed: int = 0) -> Splits:
    name = None if path is None else str(path)
    return load("mnist_and_pen", val_fraction=val_fraction, seed=seed, pen_strokes=name)


def _pen_rows(rows: np.ndarray | None) -> np.ndarray:
    assert rows is not None
    return rows[rows >= MNIST] - MNIST


def test_writers_who_are_validated_on_are_never_trained_on(strokes: Path) -> None:
    splits = _load(strokes)
    trained, validated = (_pen_rows(part.rows) for part in (splits.train, splits.validation))
    writers = [set(rows % 50 // 10) for rows in (trained, validated)]
    assert not writers[0] & writers[1]
    assert (len(writers[0]), len(writers[1])) == (4, 1)
    assert len(trained) == 4 * 10 * VIEWS
    # Each of their drawings once, and as the window would show it to the network.
    assert sorted(validated % 50) == sorted(validated)
    assert len(validated) == 10
    for row in validated:
        writer, digit = divmod(int(row), 10)
        [(_, _, drawn)] = [d for d in drawings(5) if d[:2] == (digit, writer + 1)]
        shown = redraw([np.array(stroke) * (1, -1) for stroke in drawn])
        image = splits.validation.inputs[MNIST + row].reshape(28, 28)
        np.testing.assert_array_equal(image, np.rint(shown * 255))
        assert splits.validation.labels[MNIST + row] == digit


def test_the_rest_is_mnist(strokes: Path) -> None:
    splits, mnist = _load(strokes), load("mnist", val_fraction=0.2, seed=0)
    for part, same in ((splits.train, mnist.train), (splits.validation, mnist.validation)):
        assert part.rows is not None
        np.testing.assert_array_equal(part.rows[part.rows < MNIST], same.rows)
    np.testing.assert_array_equal(splits.test.inputs, mnist.test.inputs)
    np.testing.assert_array_equal(splits.train.inputs[:MNIST:997], mnist.train.inputs[::997])


def test_the_seed_draws_the_writers_and_nothing_else(strokes: Path) -> None:
    by_seed = [_load(strokes, seed=seed) for seed in range(4)]
    assert len({tuple(_pen_rows(splits.validation.rows)) for splits in by_seed}) > 1
    assert len({splits.digest for splits in by_seed}) == 1


def test_it_is_drawn_once_and_again_if_the_file_changes(strokes: Path, home: Path) -> None:
    first, again = _load(strokes), _load(strokes)
    assert isinstance(first.train.inputs.base, np.memmap)
    assert first.digest == again.digest
    [made] = (home / "cached").glob("mnist_and_pen-*/contents.json")
    before = made.stat().st_mtime_ns
    moved = strokes.rename(home / "moved.tra")
    assert _load(moved).digest == first.digest
    assert made.stat().st_mtime_ns == before
    moved.write_text(unipen(drawings(4)))
    assert _load(moved).digest != first.digest


@pytest.mark.parametrize(("val_fraction", "unseen"), [(0.01, 1), (0.99, 4)])
def test_someone_is_always_trained_on_and_someone_validated(
    strokes: Path, val_fraction: float, unseen: int
) -> None:
    assert len(_pen_rows(_load(strokes, val_fraction=val_fraction).validation.rows)) == 10 * unseen


def test_without_a_name_the_data_folder_is_searched(strokes: Path, home: Path) -> None:
    with pytest.raises(DatasetError, match=r"pen_strokes=null: .*pen_digits holds neither"):
        _load(None)
    (home / "pen_digits").mkdir()
    strokes.rename(home / "pen_digits" / "pendigits-orig.tra")
    assert _load(None).origin.endswith("pen_digits/pendigits-orig.tra")


def test_one_writer_alone_is_refused(strokes: Path) -> None:
    strokes.write_text(unipen(drawings(1)))
    with pytest.raises(DatasetError, match=r"people\.tra has drawings by one writer alone"):
        _load(strokes)


def test_a_missing_file_ends_a_training_with_one_line(tmp_path: Path) -> None:
    from harness import train

    done = train(tmp_path, "data=mnist_and_pen", "data.pen_strokes=nowhere.npz")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "nowhere.npz cannot be read (No such file or directory)" in line
