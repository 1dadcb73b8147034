"""One data set in three parts: training, validation, test."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.datasets.embedded_digits import EmbeddedDigits
from experiments.datasets.image_cache import Source, cached, data_folder
from experiments.datasets.image_files import find_files
from experiments.datasets.image_set import FASHION_MNIST, MNIST, ImageArrays
from experiments.datasets.mnist_and_pen import MnistAndPen, find_pen_strokes
from experiments.datasets.openml import OpenML
from experiments.datasets.pen_strokes import PenStrokes, read_pen_strokes
from experiments.datasets.uneven_pixels import factors, in_uneven_units
from experiments.errors import DatasetError
from nnscratch import Dataset, stratified_split
from nnscratch.randomness import generator
from nnscratch.typing import IntArray

DATASETS = ("mnist", "mnist_uneven", "mnist_and_pen", "fashion_mnist", "digits", "xor")
_PUBLISHED = {published.name: published for published in (MNIST, FASHION_MNIST)}


@dataclass(frozen=True)
class Splits:
    """One data set in three parts.

    ``digest``: SHA-256 over the inputs and labels of the whole set; it is the same
    whatever file they came from and however the parts were drawn (which the config says).
    ``origin``: where the set is found, as a URI, or what makes it, as a Python name.
    ``handwriting``: drawings by people whom neither training nor validation has seen, if there
    are any; no part of this digest, but with one of their own.
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
    """The data set of this name (see ``DATASETS``), its validation part drawn by ``seed``.

    ``test_fraction``: the share of all images, drawn by ``seed``, that is the test part; None
    for the official one. ``val_fraction`` is a share of what is left for training.
    ``train_size``: how many samples of the training part are used, drawn by ``seed`` as well;
    None for all. The validation and the test part stay whole, and of one seed a smaller
    choice is part of every larger one. ``wrong_labels``: the share of these samples, drawn by
    ``seed`` again, whose label becomes another one, all others alike; what is validated and
    tested on stays as it was. ``pen_strokes``: the file of ``mnist_and_pen``
    (see ``find_pen_strokes``), and of the ``test_writers``, as many as there are drawings by
    in ``handwriting``: the last ones of the file.

    Images are uint8, memory-mapped where they can be cached: the training and the
    validation part are rows of one array that all processes share. With a ``test_fraction``
    all three are rows of a copy, 55 MB for MNIST; those of ``mnist_uneven`` are float32 and
    copied, 3 KB for each. Raises ``DatasetError`` if the set is
    unknown, cannot be found or is not what it should be, or if ``val_fraction``,
    ``test_fraction`` or ``train_size`` asks for what is not there.
    """
    if name not in DATASETS:
        raise DatasetError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    if name == "xor":
        splits = _xor()
    elif name == "mnist_uneven":
        splits = _images("mnist", val_fraction, test_fraction, seed)
    elif name == "mnist_and_pen":
        path = find_pen_strokes(pen_strokes)
        splits = _mnist_and_pen(path, val_fraction, test_fraction, test_writers, seed)
    else:
        splits = _images(name, val_fraction, test_fraction, seed)
    if train_size is not None and train_size > len(splits.train):
        raise DatasetError(
            f"data.train_size={train_size}: {name} has {len(splits.train)} samples to train on; "
            "null takes them all"
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
        drawn_from, test = _drawn(
            _pooled(images.arrays), "test_fraction", test_fraction, generator(seed, "test")
        )
    train, validation = _drawn(drawn_from, "val_fraction", val_fraction, generator(seed, "split"))
    return Splits(
        name=name,
        train=train,
        validation=validation,
        test=test,
        classes=drawn_from.classes,
        digest=images.digest,
        origin=source.origin,
    )


def _uneven(mnist: Splits) -> Splits:
    """The same images, every pixel in a unit of its own."""
    units = factors(mnist.train.features)
    return replace(
        mnist,
        name="mnist_uneven",
        train=in_uneven_units(mnist.train),
        validation=in_uneven_units(mnist.validation),
        test=in_uneven_units(mnist.test),
        digest=hashlib.sha256(mnist.digest.encode() + units.tobytes()).hexdigest(),
    )


def _mnist_and_pen(
    path: Path, val_fraction: float, test_fraction: float | None, test_writers: int, seed: int
) -> Splits:
    """Validated on MNIST's images that are held out, and on writers who are: on each drawing once.

    Two drawings by one hand are alike: were some of them trained on, the others would say
    little of a hand that nobody has seen.
    """
    if test_fraction is not None:
        raise DatasetError(
            f"data.test_fraction={test_fraction}: mnist_and_pen is tested on MNIST's official test "
            "images; leave it out, or choose data=mnist"
        )
    source = MnistAndPen(_published("mnist"), path)
    everyone = np.unique(source.pen.writers)
    if len(everyone) < 2:
        raise DatasetError(
            f"{path} has drawings by one writer alone: two or more are needed, one to validate on"
        )
    writers = everyone[: max(len(everyone) - test_writers, 0)]
    if len(writers) < 2:
        raise DatasetError(
            f"data.test_writers={test_writers}: {path} has drawings by {len(everyone)} writers; "
            "beside these, one is needed to train on and one to validate on"
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
    return Splits(
        name="mnist_and_pen",
        train=drawn_from.subset(np.concatenate([rest.rows, seen_rows])),
        validation=drawn_from.subset(np.concatenate([held_out.rows, unseen_rows])),
        test=test,
        classes=drawn_from.classes,
        digest=images.digest,
        origin=source.origin,
    )


def _handwriting(pen_strokes: str | None, test_writers: int) -> PenStrokes:
    """The drawings by the last ``test_writers`` of the file."""
    path = find_pen_strokes(pen_strokes)
    pen = read_pen_strokes(path)
    writers = np.unique(pen.writers)
    if test_writers > len(writers):
        raise DatasetError(
            f"data.test_writers={test_writers}: {path} has drawings by {len(writers)} writers"
        )
    return pen.chosen(np.flatnonzero(np.isin(pen.writers, writers[-test_writers:])))


def _official(arrays: ImageArrays) -> tuple[Dataset, Dataset]:
    """The training and the test part as they were published."""
    return (
        Dataset(arrays["train_images"], arrays["train_labels"]),
        Dataset(arrays["test_images"], arrays["test_labels"]),
    )


def _pooled(arrays: ImageArrays) -> Dataset:
    """All images in one array, whichever part they were published in."""
    return Dataset(
        np.concatenate([arrays["train_images"], arrays["test_images"]]),
        np.concatenate([arrays["train_labels"], arrays["test_labels"]]),
    )


def _drawn(
    samples: Dataset, key: str, fraction: float, rng: np.random.Generator
) -> tuple[Dataset, Dataset]:
    """The rest, and a share of each class at random; ``key`` is what asked for it."""
    try:
        rest, held_out = stratified_split(_labels(samples), fraction, rng)
    except ValueError as error:
        raise DatasetError(f"data.{key}={fraction}: {error}") from None
    return samples.subset(rest), samples.subset(held_out)


def _labels(samples: Dataset) -> IntArray:
    return samples.labels if samples.rows is None else samples.labels[samples.rows]


def _sample(train: Dataset, size: int, seed: int) -> Dataset:
    """``size`` samples at random, every class with its share to within one."""
    labels = _labels(train)
    shuffled = generator(seed, "subset").permutation(len(labels))
    # Which share of its class comes before a sample: by that order all classes fill up evenly.
    before = np.empty(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        before[members] = (np.arange(len(members)) + 0.5) / len(members)
    return train.subset(np.sort(np.argsort(before, kind="stable")[:size]))


def _mislabelled(train: Dataset, share: float, classes: int, seed: int) -> Dataset:
    """The same samples, ``share`` of them with a label that is not theirs."""
    rng = generator(seed, "labels")
    rows = np.arange(len(train)) if train.rows is None else train.rows
    chosen = rng.permutation(rows)[: round(share * len(rows))]
    if not len(chosen):
        return train
    labels = np.array(train.labels)  # other parts share them
    labels[chosen] = (labels[chosen] + rng.integers(1, classes, len(chosen))) % classes
    return Dataset(train.inputs, labels, train.rows)


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
