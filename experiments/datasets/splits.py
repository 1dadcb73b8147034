"""One data set in three parts: training, validation, test."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.datasets.embedded_digits import EmbeddedDigits
from experiments.datasets.image_cache import Source, cached, data_folder
from experiments.datasets.image_search import find_files
from experiments.datasets.image_set import FASHION_MNIST, MNIST, ImageArrays
from experiments.datasets.mnist_and_pen import MnistAndPen, find_pen_strokes
from experiments.datasets.openml import OpenML
from experiments.datasets.pen_strokes import PenStrokes, read_pen_strokes
from experiments.datasets.uneven_pixels import factors, unevenly_scaled
from experiments.errors import DatasetError
from nnscratch import Dataset, stratified_split
from nnscratch.randomness import generator
from nnscratch.typing import IntArray

DATASETS = ("mnist", "mnist_uneven", "mnist_and_pen", "fashion_mnist", "digits", "xor")
_PUBLISHED = {published.name: published for published in (MNIST, FASHION_MNIST)}


@dataclass(frozen=True)
class Splits:
    """One data set in three parts.

    ``digest``: SHA-256 of the inputs and labels of the whole set. It depends neither on the file
    nor on how the parts were drawn (the config says that). ``origin``: the place of the set as a
    URI, or the Python name of what makes it. ``handwriting``: drawings by writers who are neither
    in training nor in validation, or None. They have a digest of their own.
    """

    name: str
    train: Dataset
    validation: Dataset
    test: Dataset
    classes: int
    digest: str
    origin: str
    handwriting: PenStrokes | None = None


def load(
    name: str,
    *,
    val_fraction: float,
    seed: int,
    test_fraction: float | None = None,
    train_size: int | None = None,
    wrong_labels: float = 0.0,
    pen_strokes: str | None = None,
    test_writers: int = 0,
) -> Splits:
    """The data set of this name (see ``DATASETS``). ``seed`` decides every random choice.

    ``test_fraction``: the share of all images that becomes the test part; None: the official test
    part. ``val_fraction``: the share of the other images that becomes the validation part.
    ``train_size``: the number of training samples; None: all. With the same seed, a smaller
    selection is a part of every larger one. ``wrong_labels``: the share of the training samples
    that receive a wrong label, each wrong label with the same probability. Validation and test
    keep their labels. ``pen_strokes``: the file of drawings (see ``find_pen_strokes``);
    ``handwriting`` holds the drawings of its last ``test_writers`` writers.

    Images are uint8, and memory-mapped if they can be cached: the training and the validation
    part are rows of one array that all processes share. With a ``test_fraction`` all three parts
    are rows of a copy, 55 MB for MNIST. ``mnist_uneven`` is a copy in float32, 3 KB for each image.
    Raises ``DatasetError`` if the set is unknown, missing or damaged, or too small for
    ``val_fraction``, ``test_fraction`` or ``train_size``.
    """
    if name not in DATASETS:
        raise DatasetError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    if name == "xor":
        splits = _xor()
    elif name == "mnist_and_pen":
        path = find_pen_strokes(pen_strokes)
        splits = _mnist_and_pen(path, val_fraction, test_fraction, test_writers, seed)
    else:
        splits = _images(name.removesuffix("_uneven"), val_fraction, test_fraction, seed)
    if train_size is not None and train_size > len(splits.train):
        raise DatasetError(
            f"data.train_size={train_size}: {name} has {len(splits.train)} samples to train on; "
            "null uses all"
        )
    train = splits.train if train_size is None else _sample(splits.train, train_size, seed)
    splits = replace(
        splits,
        train=_mislabelled(train, wrong_labels, splits.classes, seed),
        handwriting=_handwriting(pen_strokes, test_writers) if test_writers else None,
    )
    return _uneven(splits) if name == "mnist_uneven" else splits


def _images(name: str, val_fraction: float, test_fraction: float | None, seed: int) -> Splits:
    source = EmbeddedDigits() if name == "digits" else _published(name)
    images = cached(name, source)
    drawn_from, test = _official(images.arrays)
    if test_fraction is not None:
        pooled = Dataset(
            np.concatenate([images.arrays["train_images"], images.arrays["test_images"]]),
            np.concatenate([images.arrays["train_labels"], images.arrays["test_labels"]]),
        )
        drawn_from, test = _drawn(pooled, "test_fraction", test_fraction, generator(seed, "test"))
    train, validation = _drawn(drawn_from, "val_fraction", val_fraction, generator(seed, "split"))
    return Splits(name, train, validation, test, drawn_from.classes, images.digest, source.origin)


def _uneven(mnist: Splits) -> Splits:
    """The same images; each pixel has its own scale."""
    scales = factors(mnist.train.features)
    return replace(
        mnist,
        name="mnist_uneven",
        train=unevenly_scaled(mnist.train),
        validation=unevenly_scaled(mnist.validation),
        test=unevenly_scaled(mnist.test),
        digest=hashlib.sha256(mnist.digest.encode() + scales.tobytes()).hexdigest(),
    )


def _mnist_and_pen(
    path: Path, val_fraction: float, test_fraction: float | None, test_writers: int, seed: int
) -> Splits:
    """The validation part holds MNIST images, and each drawing of some writers once.

    Drawings by one writer are alike. So all drawings of a writer are either in training or in
    validation: validation measures the accuracy on new writers.
    """
    if test_fraction is not None:
        raise DatasetError(
            f"data.test_fraction={test_fraction}: mnist_and_pen is tested on MNIST's official test "
            "images; use null, or data=mnist"
        )
    source = MnistAndPen(_published("mnist"), path)
    everyone = np.unique(source.pen.writers)
    if len(everyone) < 2:
        raise DatasetError(
            f"{path} has drawings by one writer only; training and validation need one each"
        )
    writers = everyone[: max(len(everyone) - test_writers, 0)]
    if len(writers) < 2:
        raise DatasetError(
            f"data.test_writers={test_writers}: {path} has drawings by {len(everyone)} writers; "
            "training and validation need at least one each"
        )
    images = cached(source.name, source)
    drawn_from, test = _official(images.arrays)
    rng = generator(seed, "split")
    mnist = drawn_from.subset(np.arange(sum(MNIST.train_counts)))
    rest, held_out = _drawn(mnist, "val_fraction", val_fraction, rng)
    apart = np.clip(round(val_fraction * len(writers)), 1, len(writers) - 1)
    shuffled = rng.permutation(writers)
    unseen, seen = (
        np.flatnonzero(np.isin(source.pen.writers, some))
        for some in (shuffled[:apart], shuffled[apart:])
    )
    seen_rows = source.rows_of(seen, views=source.views)
    unseen_rows = source.rows_of(unseen, views=1)
    assert rest.rows is not None
    assert held_out.rows is not None
    train = drawn_from.subset(np.concatenate([rest.rows, seen_rows]))
    validation = drawn_from.subset(np.concatenate([held_out.rows, unseen_rows]))
    return Splits(
        "mnist_and_pen", train, validation, test, drawn_from.classes, images.digest, source.origin
    )


def _handwriting(pen_strokes: str | None, test_writers: int) -> PenStrokes:
    """The drawings of the last ``test_writers`` writers in the file."""
    path = find_pen_strokes(pen_strokes)
    pen = read_pen_strokes(path)
    writers = np.unique(pen.writers)
    if test_writers > len(writers):
        raise DatasetError(
            f"data.test_writers={test_writers}: {path} has drawings by {len(writers)} writers"
        )
    return pen.chosen(np.flatnonzero(np.isin(pen.writers, writers[-test_writers:])))


def _official(arrays: ImageArrays) -> tuple[Dataset, Dataset]:
    """The published training and test parts."""
    return (
        Dataset(arrays["train_images"], arrays["train_labels"]),
        Dataset(arrays["test_images"], arrays["test_labels"]),
    )


def _drawn(
    samples: Dataset, key: str, fraction: float, rng: np.random.Generator
) -> tuple[Dataset, Dataset]:
    """The rest, and a random share of each class. ``key`` is the config key of the share."""
    try:
        rest, held_out = stratified_split(_labels(samples), fraction, rng)
    except ValueError as error:
        raise DatasetError(f"data.{key}={fraction}: {error}") from None
    return samples.subset(rest), samples.subset(held_out)


def _labels(samples: Dataset) -> IntArray:
    return samples.labels if samples.rows is None else samples.labels[samples.rows]


def _sample(train: Dataset, size: int, seed: int) -> Dataset:
    """``size`` random samples. Each class keeps its share, to within one sample."""
    labels = _labels(train)
    shuffled = generator(seed, "subset").permutation(len(labels))
    # For each sample, the share of its class that comes before it. In this order all classes
    # grow evenly.
    before = np.empty(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        before[members] = (np.arange(len(members)) + 0.5) / len(members)
    return train.subset(np.sort(np.argsort(before, kind="stable")[:size]))


def _mislabelled(train: Dataset, share: float, classes: int, seed: int) -> Dataset:
    """The same samples, but ``share`` of them have a wrong label."""
    rng = generator(seed, "labels")
    rows = np.arange(len(train)) if train.rows is None else train.rows
    chosen = rng.permutation(rows)[: round(share * len(rows))]
    if not len(chosen):
        return train
    labels = np.array(train.labels)  # a copy: the other parts share the labels
    labels[chosen] = (labels[chosen] + rng.integers(1, classes, len(chosen))) % classes
    return Dataset(train.inputs, labels, train.rows)


def _published(name: str) -> Source:
    published, home = _PUBLISHED[name], data_folder()
    return find_files(published, home) or OpenML(published, home)


def _xor() -> Splits:
    """The four points of exclusive or, as all three parts.

    Three points say nothing about the fourth, so nothing can be held out. The question is only
    whether a network can represent the function.
    """
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = np.array([0, 1, 1, 0], np.uint8)
    points = Dataset(inputs, labels)
    digest = hashlib.sha256(inputs.tobytes() + labels.tobytes()).hexdigest()
    return Splits("xor", points, points, points, points.classes, digest, origin=__name__)
