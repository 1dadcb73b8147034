"""The data sets as a run sees them: parts, sizes, digests, independence of seed and source."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.datasets import DATASETS, Splits, load
from experiments.errors import DatasetError
from nnscratch import Dataset

pytestmark = pytest.mark.usefixtures("home")


def _link_mnist(mnist_folder: Path, home: Path) -> None:
    (home / "mnist").symlink_to(mnist_folder / "mnist")


def _rows(dataset: Dataset) -> np.ndarray:
    assert dataset.rows is not None
    return dataset.rows


def _label_counts(dataset: Dataset) -> np.ndarray:
    labels = dataset.labels if dataset.rows is None else dataset.labels[dataset.rows]
    return np.bincount(labels, minlength=dataset.classes)


@pytest.fixture
def mnist(mnist_folder: Path, home: Path) -> Splits:
    _link_mnist(mnist_folder, home)
    return load("mnist", val_fraction=0.1, seed=0)


def test_mnist_is_the_official_split_with_a_stratified_validation_part(mnist: Splits) -> None:
    assert (len(mnist.train) + len(mnist.validation), len(mnist.test)) == (60_000, 10_000)
    assert (mnist.train.features, mnist.classes, mnist.name) == (784, 10, "mnist")
    assert not set(_rows(mnist.train)) & set(_rows(mnist.validation))
    held_out, rest = _label_counts(mnist.validation), _label_counts(mnist.train)
    np.testing.assert_allclose(held_out, 0.1 * (held_out + rest), atol=1)


def test_mnist_pictures_belong_to_their_labels(mnist: Splits) -> None:
    # The first training images of MNIST are well known: 5, 0, 4, 1, 9; the first test image is 7.
    np.testing.assert_array_equal(mnist.train.labels[:5], [5, 0, 4, 1, 9])
    assert mnist.test.labels[0] == 7
    one = mnist.train.inputs[3].reshape(28, 28)
    assert one[:, :4].sum() == one[:, 24:].sum() == 0


def test_mnist_can_be_pooled_and_split_70_10_20(mnist: Splits) -> None:
    drawn = load("mnist", val_fraction=0.125, test_fraction=0.2, seed=0)
    parts = (drawn.train, drawn.validation, drawn.test)
    assert [round(len(part), -2) for part in parts] == [49_000, 7_000, 14_000]
    every = np.concatenate([_rows(part) for part in parts])
    np.testing.assert_array_equal(np.sort(every), np.arange(70_000))
    counts = [_label_counts(part) for part in parts]
    np.testing.assert_allclose(counts[2], 0.2 * sum(counts), atol=1)
    first_test_image = drawn.test.inputs[60_000]
    np.testing.assert_array_equal(first_test_image, mnist.test.inputs[0])
    assert drawn.test.labels[60_000] == mnist.test.labels[0]
    assert drawn.digest == mnist.digest


def test_a_drawn_test_part_is_another_for_each_seed() -> None:
    first, again, other = (
        _rows(load("digits", val_fraction=0.1, test_fraction=0.2, seed=seed).test)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


def test_a_test_part_of_nothing_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"data\.test_fraction=1e-05: .* empty"):
        load("digits", val_fraction=0.1, test_fraction=1e-5, seed=0)


def test_the_parts_are_rows_of_one_memory_map(mnist: Splits) -> None:
    assert np.shares_memory(mnist.train.inputs, mnist.validation.inputs)
    for part in (mnist.train, mnist.validation, mnist.test):
        array: object = part.inputs
        assert part.inputs.dtype == np.uint8
        while not isinstance(array, np.memmap):
            array = getattr(array, "base", None)
            assert array is not None
        assert not array.flags.writeable


@pytest.mark.parametrize("name", ["mnist", "digits"])
def test_the_seed_draws_the_validation_part_and_nothing_else(
    name: str, mnist_folder: Path, home: Path
) -> None:
    _link_mnist(mnist_folder, home)
    first, again, other = (load(name, val_fraction=0.2, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(_rows(first.validation), _rows(again.validation))
    assert not np.array_equal(_rows(first.validation), _rows(other.validation))
    np.testing.assert_array_equal(first.test.inputs, other.test.inputs)
    assert first.digest == again.digest == other.digest


@pytest.mark.usefixtures("home")
def test_digits_need_no_file_and_look_like_those_of_mnist() -> None:
    digits = load("digits", val_fraction=0.1, seed=0)
    assert len(digits.train) + len(digits.validation) == 1438
    assert len(digits.test) == 359
    assert (digits.classes, digits.train.features, digits.train.inputs.dtype) == (10, 784, np.uint8)
    images = digits.test.inputs.reshape(-1, 28, 28)
    rows, columns = images.any(axis=2).sum(axis=1), images.any(axis=1).sum(axis=1)
    # Lanczos may overshoot to nothing at an edge, so that a side of 20 has 18 inked lines.
    assert np.maximum(rows, columns).max() == 20
    assert np.maximum(rows, columns).min() >= 18
    where = np.arange(28)
    ink = images.sum(axis=(1, 2))
    assert np.abs((images.sum(axis=2) @ where) / ink - 14).max() <= 0.51
    assert (images.max(axis=(1, 2)) > 200).all()


def test_digits_are_the_same_from_the_cache() -> None:
    made, cached = (load("digits", val_fraction=0.1, seed=0) for _ in range(2))
    np.testing.assert_array_equal(made.train.inputs, cached.train.inputs)
    assert made.digest == cached.digest


def test_digits_test_part_has_every_class_in_its_share() -> None:
    counts = _label_counts(load("digits", val_fraction=0.1, seed=0).test)
    assert counts.min() >= 34
    assert counts.max() <= 38


def test_xor_is_its_four_points_in_every_part() -> None:
    xor = load("xor", val_fraction=0.5, seed=0)
    assert xor.train is xor.validation is xor.test
    features, labels = xor.train.take(slice(None))
    np.testing.assert_array_equal(labels, features[:, 0] != features[:, 1])
    assert (features.dtype, len(xor.train), xor.classes) == (np.float32, 4, 2)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    images = ("mnist", "mnist_uneven", "mnist_and_pen", "fashion_mnist", "digits")
    assert (*images, "xor") == DATASETS
    with pytest.raises(DatasetError, match="'minst'.*" + ", ".join(DATASETS)):
        load("minst", val_fraction=0.1, seed=0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5])
def test_a_validation_part_outside_the_data_is_refused(fraction: float) -> None:
    with pytest.raises(DatasetError, match="between 0 and 1"):
        load("digits", val_fraction=fraction, seed=0)


def test_a_part_of_the_training_images_keeps_the_shares_and_the_other_parts() -> None:
    whole = load("digits", val_fraction=0.1, seed=0)
    some = load("digits", val_fraction=0.1, seed=0, train_size=101)
    assert len(some.train) == 101
    assert len(set(_rows(some.train))) == 101
    assert set(_rows(some.train)) < set(_rows(whole.train))
    shares = _label_counts(whole.train) / len(whole.train)
    np.testing.assert_allclose(_label_counts(some.train), 101 * shares, atol=1)
    np.testing.assert_array_equal(_rows(some.validation), _rows(whole.validation))
    assert (len(some.test), some.digest) == (len(whole.test), whole.digest)


def test_the_seed_draws_the_part_and_a_larger_one_contains_it() -> None:
    def rows(size: int, seed: int) -> set[int]:
        return set(_rows(load("digits", val_fraction=0.1, seed=seed, train_size=size).train))

    assert rows(50, seed=0) < rows(200, seed=0)
    assert rows(50, seed=0) == rows(50, seed=0) != rows(50, seed=1)


def test_more_training_images_than_there_are_are_refused() -> None:
    with pytest.raises(DatasetError, match=r"data\.train_size=100000: digits has 129\d samples"):
        load("digits", val_fraction=0.1, seed=0, train_size=100_000)


def test_wrong_labels_are_those_of_some_training_samples_and_of_no_others() -> None:
    options = {"val_fraction": 0.1, "seed": 0, "train_size": 200}
    right, wrong = (load("digits", wrong_labels=share, **options) for share in (0.0, 0.3))
    assert _rows(right.train).tolist() == _rows(wrong.train).tolist()
    changed = right.train.labels != wrong.train.labels
    assert changed.sum() == 60
    assert set(np.flatnonzero(changed)) < set(_rows(wrong.train))
    assert wrong.train.labels.max() <= 9
    assert len(set(wrong.train.labels[changed])) == 10
    for part in ("validation", "test"):
        [(_, before), (_, after)] = (getattr(s, part).take(slice(None)) for s in (right, wrong))
        np.testing.assert_array_equal(before, after)


def test_the_seed_draws_the_wrong_labels() -> None:
    def labels(seed: int) -> np.ndarray:
        options = {"val_fraction": 0.1, "train_size": 200, "wrong_labels": 0.5}
        train = load("digits", seed=seed, **options).train
        return train.labels

    np.testing.assert_array_equal(labels(0), labels(0))
    assert (labels(0) != labels(1)).any()
    xor = load("xor", val_fraction=0.5, seed=0, wrong_labels=0.5)
    assert (xor.train.labels != xor.test.labels).sum() == 2


def test_the_module_imports_nothing_heavy() -> None:
    heavy = {"sklearn", "scipy", "PIL", "pandas", "platformdirs", "filelock"}
    script = f"import sys, experiments.datasets; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_pixel_has_a_unit_of_its_own(mnist_folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("NNSCRATCH_DATA", str(mnist_folder))
    even, uneven = (
        load(name, val_fraction=0.1, seed=0, train_size=500) for name in ("mnist", "mnist_uneven")
    )
    found = []
    for one, many in ((even.train, uneven.train), (even.test, uneven.test)):
        (pixels, labels), (scaled, same) = one.take(slice(0, 500)), many.take(slice(0, 500))
        np.testing.assert_array_equal(labels, same)
        units = scaled.max(axis=0) / np.maximum(pixels.max(axis=0), 1e-9)  # 0: never inked
        np.testing.assert_allclose(scaled, pixels * units, rtol=1e-5)
        found.append(units)
    inked = (found[0] > 0) & (found[1] > 0)
    np.testing.assert_allclose(found[0][inked], found[1][inked], rtol=1e-5)
    assert 0.03 < found[0][inked].min() < 0.05
    assert 20 < found[0][inked].max() < 32
    assert uneven.digest != even.digest
