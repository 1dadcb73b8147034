"""Real handwriting at the end of a run: whose it is, how it is shown, what is logged."""

from pathlib import Path

import numpy as np
import pytest
from harness import store, train
from unipen import drawings

from experiments.datasets import load
from experiments.datasets.pen_strokes import read_pen_strokes
from experiments.drawings.raster import placed
from experiments.errors import DatasetError
from experiments.runs.tags import DATASET_DIGEST, HANDWRITING_DIGEST
from experiments.training.handwriting import MANNERS, WAYS, views

SEVEN = [np.array([[80.0, 60], [190, 62], [120, 220]]), np.array([[100.0, 140], [170, 138]])]


def test_the_last_writers_of_the_file_are_only_tested_on(strokes: Path) -> None:
    for name in ("mnist", "mnist_and_pen"):
        splits = load(name, val_fraction=0.2, seed=0, pen_strokes=str(strokes), test_writers=2)
        assert splits.handwriting is not None
        assert sorted(splits.handwriting.writers) == [4] * 10 + [5] * 10
        np.testing.assert_array_equal(splits.handwriting.labels, [*range(10)] * 2)
        for part in (splits.train, splits.validation):
            assert part.rows is not None
            pen = part.rows[part.rows >= 60_000] - 60_000  # MNIST comes first
            assert set(pen % 50 // 10 + 1) <= {1, 2, 3}
    drawing = splits.handwriting.drawing(13)  # of writer 5
    np.testing.assert_array_equal(drawing[0], np.array(drawings(5)[43][2][0]) * (1, -1))


@pytest.mark.parametrize(
    ("name", "writers", "complaint"),
    [
        ("mnist", 6, "test_writers=6: .*people.tra has drawings by 5 writers"),
        ("mnist_and_pen", 4, "training and validation need at least one each"),
    ],
)
def test_too_many_writers_are_refused(
    strokes: Path, name: str, writers: int, complaint: str
) -> None:
    with pytest.raises(DatasetError, match=complaint):
        load(name, val_fraction=0.2, seed=0, pen_strokes=str(strokes), test_writers=writers)


def test_without_preprocessing_the_input_depends_on_size_brush_and_place() -> None:
    seen = {name: views([SEVEN], manner) for name, manner in MANNERS.items()}
    ink = {name: seen[name]["whole_canvas"].sum() for name in MANNERS}
    assert ink["usual"] > 1.5 * ink["corner"]
    corner = seen["corner"]["whole_canvas"].reshape(28, 28)
    assert not corner[14:].any()
    assert not corner[:, 14:].any()
    brush = {name: seen[name]["published"].sum() for name in MANNERS}
    assert brush["thick"] > 1.5 * brush["usual"], "pixels can't undo a thick brush"
    for name in MANNERS:
        assert list(seen[name]) == list(WAYS)
        np.testing.assert_allclose(seen[name]["redrawn"], seen["usual"]["redrawn"], atol=0.15)


def test_the_published_way_is_the_published_pipeline_of_the_window() -> None:
    from gui.preprocessing import from_strokes

    manner = MANNERS["usual"]
    [shown] = views([SEVEN], manner)["published"]
    drawn = placed(SEVEN, manner.size, width=manner.brush)
    assert np.concatenate(drawn).max(axis=0).tolist() == [202, 230]  # 180 high, in the middle
    np.testing.assert_array_equal(shown.reshape(28, 28), from_strokes(drawn, manner.brush))


def test_a_run_logs_its_accuracies_and_the_digest_of_the_drawings(
    tmp_path: Path, pen_digits: Path
) -> None:
    pen = read_pen_strokes(pen_digits / "strokes_train.npz")
    small = ("data=mnist", "data.train_size=1000", "epochs=2", "resume=true")
    strangers = ("data.test_writers=30", f"data.pen_strokes={tmp_path / 'some.npz'}")
    digests = []
    for first in (1, 0):  # other drawings under the same name are no reason to train less
        some = pen.chosen(np.arange(first, len(pen), 75))  # a hundred, by all thirty writers
        digests.append(some.digest)
        some.save(tmp_path / "some.npz")
        done = train(tmp_path, *small, *strangers)
        assert done.returncode == 0, done.stderr
    run, earlier = store(tmp_path).runs()
    assert [r.tags[HANDWRITING_DIGEST] for r in (earlier, run)] == digests
    assert run.tags[DATASET_DIGEST] == earlier.tags[DATASET_DIGEST], "the same training data"
    names = {f"handwriting/{manner}/{way}" for manner in MANNERS for way in WAYS}
    assert {name for name in run.metrics if name.startswith("handwriting")} == names
    usual = [run.metrics[f"handwriting/usual/{way}"] for way in WAYS]
    assert usual[0] < usual[1] < run.metrics["test_accuracy"]
    assert run.metrics["handwriting/corner/whole_canvas"] < 0.3 < usual[2]


def test_without_the_file_of_strokes_a_run_does_not_start(
    tmp_path: Path, mnist_folder: Path
) -> None:
    done = train(tmp_path, "data=mnist", "data.test_writers=2", "data.pen_strokes=nowhere.npz")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "nowhere.npz cannot be read (No such file or directory)" in line
