"""Datasets: batches, splits, targets, and which data are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnscratch import Dataset, mlp, one_hot, stratified_split
from nnscratch.data import as_features


@pytest.fixture
def dataset() -> Dataset:
    """100 samples whose first feature is their number, three classes."""
    inputs = np.zeros((100, 4), np.float32)
    inputs[:, 0] = np.arange(100)
    return Dataset(inputs, np.arange(100) % 3)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(n=st.integers(1, 60), batch_size=st.integers(1, 70), seed=st.integers(0, 99))
def test_an_epoch_visits_every_sample_once(n: int, batch_size: int, seed: int) -> None:
    inputs = np.arange(n, dtype=np.float32)[:, None]
    dataset = Dataset(inputs, np.zeros(n, int))
    batches = list(dataset.shuffled_batches(batch_size, np.random.default_rng(seed)))
    assert sorted(np.concatenate([x[:, 0] for x, _ in batches])) == list(range(n))
    assert [len(x) for x, _ in batches[:-1]] == [batch_size] * (len(batches) - 1)


def test_shuffling_keeps_inputs_and_labels_together(dataset: Dataset) -> None:
    for inputs, labels in dataset.shuffled_batches(7, np.random.default_rng(0)):
        np.testing.assert_array_equal(inputs[:, 0].astype(int) % 3, labels)


def test_the_samples_are_shuffled_not_the_batches(dataset: Dataset) -> None:
    rng = np.random.default_rng(0)
    first, second = (next(dataset.shuffled_batches(10, rng))[0] for _ in range(2))
    assert np.ptp(first[:, 0]) > 20
    assert np.any(first != second), "each epoch has a new order"


def test_pixels_become_floats_between_0_and_1() -> None:
    features = as_features(np.array([[0, 51, 255]], np.uint8))
    np.testing.assert_allclose(features, [[0, 0.2, 1]], rtol=1e-6)
    assert features.dtype == np.float32


def test_a_subset_of_a_subset_shares_the_pixels() -> None:
    pixels = np.arange(40, dtype=np.uint8).reshape(10, 4)
    dataset = Dataset(pixels, np.arange(10) % 2)
    part = dataset.subset(np.array([9, 5, 3, 1])).subset(np.array([0, 2]))
    assert np.shares_memory(part.inputs, pixels)
    inputs, labels = part.take(slice(None))
    np.testing.assert_array_equal(np.rint(inputs[:, 0] * 255), [36, 12])
    np.testing.assert_array_equal(labels, [1, 1])
    assert len(part) == 2


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 999), fraction=st.floats(0.05, 0.6))
def test_a_stratified_split_keeps_every_share(seed: int, fraction: float) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 200)
    rest, held_out = stratified_split(labels, fraction, rng)
    assert sorted([*rest, *held_out]) == list(range(200))
    for label in range(4):
        share = np.count_nonzero(labels[held_out] == label)
        assert share == round(fraction * np.count_nonzero(labels == label))


def test_a_split_takes_a_list_of_labels() -> None:
    rest, held_out = stratified_split([0, 1] * 10, 0.2, np.random.default_rng(0))  # type: ignore[arg-type]
    assert (len(rest), len(held_out)) == (16, 4)
    with pytest.raises(ValueError, match="labels"):
        stratified_split(np.ones(20), 0.2, np.random.default_rng(0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fraction", "message"),
    [
        *((fraction, f"between 0 and 1, got {fraction}") for fraction in (0, 1, -0.1, np.nan)),
        (1e-6, "holding out 1e-06 of 20 samples leaves one part empty"),
    ],
)
def test_a_split_with_an_empty_part_is_refused(fraction: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stratified_split(np.arange(20) % 2, fraction, np.random.default_rng(0))


def test_one_hot_and_the_target_of_a_single_output() -> None:
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    single = mlp([2, 1], output="sigmoid")
    np.testing.assert_array_equal(single.targets(np.array([1, 0])), [[1], [0]])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([3]), "label 3 is out of range: classes are 0–2"),
        (np.array([-1]), "labels must be 0 or larger, got -1"),
        (np.array([1.0]), "labels must be integers .* float64"),
        (np.array([[1]]), r"labels must be integers .* shape \(1, 1\)"),
        (np.array(["1"]), "labels must be integers .* <U1"),
    ],
)
def test_invalid_labels_are_refused(labels: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one_hot(labels, 3)


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.zeros((3, 2)), np.zeros(2, int), "3 inputs need as many labels, got 2"),
        (np.zeros(3), np.zeros(3, int), r"inputs must be \(n, features\) .* got \(3,\)"),
        (np.zeros((0, 2)), np.zeros(0, int), r"inputs must be .* not empty, got \(0, 2\)"),
        (np.zeros((3, 2)), np.zeros(3), "labels must be integers .* float64"),
        (np.zeros((3, 2), object), np.zeros(3, int), "inputs must be numbers, .* object"),
        (np.zeros((3, 2)), np.array([0, 1, -1]), "labels must be 0 or larger, got -1"),
        (np.ma.masked_equal(np.zeros((3, 2)), 0), np.zeros(3, int), "inputs must be a plain array"),
        (np.zeros((3, 2)), np.ma.masked_equal([0, 0, 0], 0), "labels must be a plain array"),
        (np.full((3, 2), 255), np.zeros(3, int), "inputs of dtype int64 might be pixels"),
        (np.full((3, 2), -2, np.int16), np.zeros(3, int), "inputs of dtype int16 might be pixels"),
    ],
)
def test_invalid_data_are_refused(inputs: np.ndarray, labels: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dataset(inputs, labels)


def test_layout_and_byte_order_of_the_inputs_do_not_matter() -> None:
    inputs = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    every_second = np.repeat(np.repeat(inputs, 2, axis=0), 2, axis=1)[::2, ::2]
    assert not every_second.flags.forc
    for variant in (inputs.astype(">f4"), np.asfortranarray(inputs), every_second):
        np.testing.assert_array_equal(
            Dataset(variant, np.zeros(6, int)).take(slice(None))[0], inputs
        )


@pytest.mark.parametrize("dtype", [">i4", "<i8", np.uint8, np.uint64, np.int16])
def test_layout_and_byte_order_of_the_labels_do_not_matter(dtype) -> None:
    labels = np.repeat(np.arange(6).astype(dtype), 2)[::2]
    dataset = Dataset(np.eye(6, 3), labels)
    assert dataset.classes == 6
    np.testing.assert_array_equal(one_hot(dataset.take(slice(None))[1], 6), np.eye(6))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.array([], int), r"rows must be integers .* \(0,\)"),
        (np.array([3]), "rows 3–3 are not all in 0–2"),
        (np.array([-1]), "rows -1–-1 are not all in 0–2"),
        (np.array([0.0]), "rows must be integers .* float64"),
        (np.array([[0]]), r"rows must be integers .* \(1, 1\)"),
        (np.array([True, False, True]), "rows must be integers .* bool"),
        (np.ma.masked_equal([0, 1], 1), "rows must be a plain array"),
    ],
    ids=str,
)
def test_invalid_rows_are_refused(rows: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dataset(np.zeros((3, 2)), np.zeros(3, int), rows)
    part = Dataset(np.zeros((5, 2)), np.zeros(5, int), np.array([4, 2, 0]))
    with pytest.raises(ValueError, match=message):
        part.subset(rows)


def test_rows_may_be_a_list() -> None:
    dataset = Dataset(np.eye(3), [0, 1, 2], [2, 0])  # type: ignore[arg-type]
    np.testing.assert_array_equal(dataset.subset([1]).take(slice(None))[1], [0])  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int8, np.bool_])
def test_zeros_and_ones_mean_the_same_in_every_type_but_uint8(dtype: type) -> None:
    features = as_features(np.array([[0, 1]], dtype))
    np.testing.assert_array_equal(features, [[0, 1]])
    assert features.dtype == np.float32


@pytest.mark.parametrize("dtype", ["<f8", ">f8"])
def test_features_in_float64_keep_their_digits(dtype: str) -> None:
    inputs = np.random.default_rng(0).normal(size=(6, 4))
    found, _ = Dataset(inputs.astype(dtype), np.zeros(6, int)).take(slice(None))
    np.testing.assert_array_equal(found, inputs)
    assert found.dtype == np.float64
