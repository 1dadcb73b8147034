"""One data set in three parts: training, validation, test."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.datasets.embedded_digits import EmbeddedDigits
from experiments.datasets.image_cache import Source, cached, data_folder
from experiments.datasets.image_files import find_files
from experiments.datasets.image_set import FASHION_MNIST, MNIST, DatasetError, ImageSet
from experiments.datasets.mnist_and_pen import MnistAndPen, find_pen_strokes
from experiments.datasets.openml import OpenML
from nnscratch import Dataset, stratified_split
from nnscratch.randomness import generator
from nnscratch.typing import IntArray

DATASETS = ("mnist", "mnist_and_pen", "fashion_mnist", "digits", "xor")
_PUBLISHED = {published.name: published for published in (MNIST, FASHION_MNIST)}


@dataclass(frozen=True)
class Splits:
    """One data set in three parts.

    ``digest``: SHA-256 over the inputs and labels of the whole set; it is the same
    whatever file they came from and however the parts were drawn (which the config says).
    ``origin``: where the set is found, as a URI, or what makes it, as a Python name.
    """

    name: str
    train: Dataset
    validation: Dataset
    test: Dataset
    classes: int
    digest: str
    origin: str


def load(
    name: str,
    *,
    val_fraction: float,
    seed: int,
    train_size: int | None = None,
    pen_strokes: str | None = None,
) -> Splits:
    """The data set of this name (see ``DATASETS``), its validation part drawn by ``seed``.

    ``train_size``: how many samples of the training part are used, drawn by ``seed`` as well;
    None for all. The validation and the test part stay whole, and of one seed a smaller
    choice is part of every larger one. ``pen_strokes``: the file of ``mnist_and_pen``
    (see ``find_pen_strokes``).

    Images are uint8, memory-mapped where they can be cached: the training and the
    validation part are rows of one array that all processes share. Raises
    ``DatasetError`` if the set is unknown, cannot be found or is not what it should
    be, or if ``val_fraction`` or ``train_size`` asks for what is not there.
    """
    if name not in DATASETS:
        raise DatasetError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    if name == "xor":
        splits = _xor()
    elif name == "mnist_and_pen":
        splits = _mnist_and_pen(find_pen_strokes(pen_strokes), val_fraction, seed)
    else:
        splits = _images(name, val_fraction, seed)
    if train_size is None:
        return splits
    if train_size > len(splits.train):
        raise DatasetError(
            f"data.train_size={train_size}: {name} has {len(splits.train)} samples to train on; "
            "null takes them all"
        )
    return replace(splits, train=_sample(splits.train, train_size, seed))


def _images(name: str, val_fraction: float, seed: int) -> Splits:
    source = EmbeddedDigits() if name == "digits" else _published(name)
    images = cached(name, source)
    labels = images.arrays["train_labels"]
    rest, held_out = _held_out(labels, val_fraction, generator(seed, "split"))
    return _splits(name, images, rest, held_out, source.origin)


def _mnist_and_pen(path: Path, val_fraction: float, seed: int) -> Splits:
    """Validated on MNIST's images that are held out, and on writers who are: on each drawing once.

    Two drawings by one hand are alike: were some of them trained on, the others would say
    little of a hand that nobody has seen.
    """
    source = MnistAndPen(_published("mnist"), path)
    writers = np.unique(source.pen.writers)
    if len(writers) < 2:
        raise DatasetError(
            f"{path} has drawings by one writer alone: two or more are needed, one to validate on"
        )
    images = cached(source.name, source)
    rng = generator(seed, "split")
    labels = images.arrays["train_labels"]
    rest, held_out = _held_out(labels[: sum(MNIST.train_counts)], val_fraction, rng)
    apart = np.clip(round(val_fraction * len(writers)), 1, len(writers) - 1)
    unseen = np.isin(source.pen.writers, rng.permutation(writers)[:apart])
    seen_rows = source.rows_of(np.flatnonzero(~unseen), views=source.views)
    unseen_rows = source.rows_of(np.flatnonzero(unseen), views=1)
    return _splits(
        "mnist_and_pen",
        images,
        np.concatenate([rest, seen_rows]),
        np.concatenate([held_out, unseen_rows]),
        source.origin,
    )


def _held_out(
    labels: IntArray, val_fraction: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    try:
        return stratified_split(labels, val_fraction, rng)
    except ValueError as error:
        raise DatasetError(f"data.val_fraction={val_fraction}: {error}") from None


def _splits(
    name: str, images: ImageSet, train: IntArray, validation: IntArray, origin: str
) -> Splits:
    arrays = images.arrays
    drawn_from = Dataset(arrays["train_images"], arrays["train_labels"])
    return Splits(
        name=name,
        train=drawn_from.subset(train),
        validation=drawn_from.subset(validation),
        test=Dataset(arrays["test_images"], arrays["test_labels"]),
        classes=drawn_from.classes,
        digest=images.digest,
        origin=origin,
    )


def _sample(train: Dataset, size: int, seed: int) -> Dataset:
    """``size`` samples at random, every class with its share to within one."""
    labels = train.labels if train.rows is None else train.labels[train.rows]
    shuffled = generator(seed, "subset").permutation(len(labels))
    # Which share of its class comes before a sample: by that order all classes fill up evenly.
    before = np.empty(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        before[members] = (np.arange(len(members)) + 0.5) / len(members)
    return train.subset(np.sort(np.argsort(before, kind="stable")[:size]))


def _published(name: str) -> Source:
    published, home = _PUBLISHED[name], data_folder()
    return find_files(published, home) or OpenML(published, home)


def _xor() -> Splits:
    """The four points of exclusive or, as all three parts.

    There is nothing to generalise to: the question is whether a network can
    represent the function at all, and any three points leave the fourth open.
    """
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    labels = np.array([0, 1, 1, 0], np.uint8)
    points = Dataset(inputs, labels)
    digest = hashlib.sha256(inputs.tobytes() + labels.tobytes()).hexdigest()
    return Splits("xor", points, points, points, points.classes, digest, origin=__name__)
