"""``benchmarks.drawings``, measured on a few invented writers who draw ten invented signs."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks.drawings import chart, corrections, grid, report
from benchmarks.drawings.__main__ import main
from benchmarks.drawings.people import People
from experiments.datasets.pen_strokes import PenStrokes, read_pen_strokes
from experiments.drawings.raster import rasterise
from gui.preprocessing import from_raster, redraw
from nnscratch import Adam, Dataset, Network, SoftmaxCrossEntropyLoss, fit, mlp

WRITERS, TIMES = 6, 3


def pen() -> PenStrokes:
    """Ten signs of one stroke with six points; each of six writers draws each sign three times.

    The last two writers, who are not in the training data, draw other threes and eights than the
    rest. The turns are stored in reverse order.
    """
    rng = np.random.default_rng(0)
    signs = rng.uniform(0, 100, (12, 6, 2))
    points, labels, writers, turns = [], [], [], []
    for writer in range(WRITERS):
        for turn in reversed(range(10 * TIMES)):
            label = turn % 10
            shape = {3: 10, 8: 11}.get(label, label) if writer >= WRITERS - 2 else label
            points.append(signs[shape] + rng.normal(0, 2, (6, 2)))
            labels.append(label)
            writers.append(writer)
            turns.append(turn)
    starts = 6 * np.arange(len(labels) + 1)
    samples = np.arange(len(labels) + 1)
    found = (np.array(each) for each in (labels, writers, turns))
    return PenStrokes(np.concatenate(points).astype(np.float32), starts, samples, *found)


@pytest.fixture(scope="module")
def people() -> People:
    return People(pen())


@pytest.fixture(scope="module")
def known(people: People) -> Dataset:
    """The drawings of the seen writers, redrawn as network inputs."""
    chosen = np.flatnonzero(np.isin(people.pen.writers, people.seen))
    images = [redraw(people.pen.drawing(int(position))).ravel() for position in chosen]
    return Dataset(np.array(images), people.pen.labels[chosen])


@pytest.fixture(scope="module")
def network(known: Dataset) -> Network:
    """A network that classifies the drawings of the seen writers."""
    network = mlp([784, 24, 10], seed=0)
    training = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        Adam(learning_rate=0.01),
        known,
        epochs=15,
        batch_size=16,
    )
    assert list(training)[-1].train_accuracy > 0.99
    return network


def test_no_writer_is_both_seen_and_unseen(people, tmp_path) -> None:
    assert sorted([*people.seen, *people.unseen]) == list(range(WRITERS))
    assert people.unseen.tolist() == [4, 5]
    people.save_seen(tmp_path / "seen.npz")
    seen = read_pen_strokes(tmp_path / "seen.npz")
    mine = np.flatnonzero(np.isin(people.pen.writers, people.seen))
    assert set(seen.writers) == set(people.seen)
    np.testing.assert_array_equal(seen.labels, people.pen.labels[mine])
    np.testing.assert_array_equal(seen.turns, people.pen.turns[mine])
    for position, original in enumerate(mine):
        np.testing.assert_array_equal(seen.drawing(position), people.pen.drawing(int(original)))
    assert {people.pen.writers[position] for position in people.sample(20)} <= set(people.unseen)
    for positions in people.by_writer():
        assert people.pen.turns[positions].tolist() == list(range(10 * TIMES))


def test_a_drawing_has_the_requested_size_and_lies_inside_the_canvas(people) -> None:
    for corner in (False, True):
        points = np.concatenate(people.placed(0, 140, width=20, corner=corner))
        assert np.ptp(points, axis=0).max() == 140
        assert points.min() >= 10
        assert points.max() <= 270
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        assert (abs(middle - 140).max() <= 1) is not corner


def test_each_cell_of_the_grid_is_the_accuracy_on_its_drawings(people, network) -> None:
    chosen = people.sample(6)
    dead = mlp([784, 10], init="zeros")
    grids = grid.measure({"able": network, "dead": dead}, people, chosen)
    assert set(grids["able"]) == {"redrawn", "whole canvas", "published"}
    assert set(grids["dead"]) == {"redrawn"}
    labels = people.pen.labels[chosen]
    assert grids["dead"]["redrawn"] == pytest.approx(100 * np.mean(labels == 0))
    drawn = [people.placed(p, 60, width=36, corner=True) for p in chosen]
    ways = {
        "redrawn": [redraw(strokes) for strokes in drawn],
        "published": [from_raster(rasterise(strokes, 36)) for strokes in drawn],
        "whole canvas": [grid.whole_canvas(rasterise(strokes, 36)) for strokes in drawn],
    }
    for pipeline, images in ways.items():
        read = network.predict(np.reshape(images, (len(chosen), -1))) == labels
        assert grids["able"][pipeline][1, 0, -1] == pytest.approx(100 * read.mean()), pipeline


def test_a_grid_is_summarised_and_printed() -> None:
    cells = np.full((2, 5, 7), 50.0)
    cells[0, 2:, 2:5] = 90  # in the centre, 140 and larger, 16 to 24
    cells[1, 0, 6], cells[1, 4, 0] = 3, 99
    summary = grid.summary(cells)
    assert (summary["worst"], summary["usual"], summary["best"]) == (3, 90, 99)
    assert summary["mean"] == pytest.approx(cells.mean())
    head, *lines = grid.table(cells).splitlines()
    assert [int(word) for word in head.split()[3:]] == list(grid.WIDTHS)
    assert lines[5].split() == ["corner", "60", *["50.0"] * 6, "3.0"]


def test_corrections_help_with_an_unusual_handwriting(people, network, known) -> None:
    found = corrections.measure(network, people, known, known)
    assert [len(pair) for pair in found["writers"]] == [2, 2]
    assert found["errors_before"] == pytest.approx(20, abs=10)  # the threes and the eights
    assert found["errors_after"] < found["errors_before"]
    assert found["removed"] == pytest.approx(
        100 - 100 * found["errors_after"] / found["errors_before"]
    )
    assert found["mnist_before"] > 99


def test_the_whole_report_is_written(people, mnist_folder, tmp_path, monkeypatch, capsys) -> None:
    everybody = tmp_path / "strokes.npz"
    monkeypatch.setattr(people, "seen", people.pen.writers)
    people.save_seen(everybody)
    tiny = ("data=digits", "model.hidden=[4]", "epochs=1")
    monkeypatch.setattr(report, "RECIPES", {"first": tiny, "second": tiny})
    monkeypatch.setattr(grid, "SIZES", (140, 180))
    monkeypatch.setattr(grid, "WIDTHS", (16, 24))
    options = ["--strokes", everybody, "--drawings", 2, "--output", tmp_path / "out"]
    monkeypatch.setattr(sys, "argv", ["drawings", *map(str, options)])
    main()
    written = json.loads((tmp_path / "out" / "drawing.json").read_text())
    assert written["unseen_writers"] == [4, 5]
    assert [list(found["pipelines"]) for found in written["networks"].values()] == [
        ["whole canvas", "published", "redrawn"],
        ["redrawn"],
    ]
    assert all(spread["median"] > 0 for spread in written["latency_milliseconds"].values())
    assert "ten corrections" in capsys.readouterr().out


def test_a_missing_file_of_strokes_is_named(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["drawings", "--strokes", "no such file.npz"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "no such file.npz" in line


def test_the_heat_map_has_a_column_for_each_pipeline(tmp_path) -> None:
    result = grid.summary(np.linspace(0, 100, 70).reshape(2, 5, 7))
    widths = []
    for pipelines in (["redrawn"], ["redrawn", "published"]):
        networks = {"net": {"pipelines": dict.fromkeys(pipelines, result)}}
        chart.draw({"networks": networks}, tmp_path / "chart.png")
        with Image.open(tmp_path / "chart.png") as picture:
            widths.append(picture.width)
    assert widths[1] == pytest.approx(2 * widths[0], abs=2)
