"""Labelled samples: the dataset, its split, its shuffled batches, one-hot targets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnscratch.checks import as_array, as_indices, check_between
from nnscratch.typing import FloatArray, FloatDType, IntArray, PixelArray


def as_features(inputs: ArrayLike, dtype: FloatDType | None = None) -> FloatArray:
    """``inputs`` as a network uses them: uint8 pixels scaled to [0, 1], floats as they are.

    Without a ``dtype``, float64 stays float64 and everything else becomes float32.
    Integers other than −1, 0 and 1 must be uint8, because others could be pixels or not.
    """
    if type(inputs) is np.ndarray and inputs.dtype == dtype and inputs.flags.c_contiguous:
        return inputs  # a batch of the core
    array = as_array(inputs, "inputs")
    if dtype is None:
        dtype = np.float64 if array.dtype.kind == "f" and array.itemsize > 4 else np.float32
    if array.dtype == np.uint8:
        return _scaled(array, dtype)
    if array.dtype.kind not in "buif":
        raise ValueError(f"inputs must be numbers, got an array of dtype {array.dtype}")
    if array.dtype.kind in "ui" and array.size and (array.min() < -1 or array.max() > 1):
        raise ValueError(
            f"inputs of dtype {array.dtype} might be pixels or numbers: give uint8, which is "
            "scaled from 0–255 to [0, 1], or floats, which are taken as they are"
        )
    return np.asarray(array, dtype=dtype, order="C")


def _scaled(values: NDArray[Any], dtype: FloatDType = np.float32) -> FloatArray:
    """Pixels scaled to [0, 1], floats as they are."""
    if values.dtype != np.uint8:
        return values
    features = values.astype(dtype, order="C")
    features *= 1 / 255
    return features


def one_hot(labels: IntArray, classes: int, dtype: FloatDType = np.float32) -> FloatArray:
    """Row k of the identity for label k: (batch,) class indices -> (batch, classes).

    Integers or binary codes would claim that class 3 lies between 2 and 4; one-hot
    targets are all equally far apart.
    """
    return np.eye(classes, dtype=dtype)[checked_labels(labels, classes)]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs with their class labels, or a choice of rows of them.

    ``inputs``: uint8 pixels, or float32 or float64 features, (n, features). Pixels are scaled
    to [0, 1] when a batch is taken, so that a memory-mapped file is never copied as a whole.
    ``labels``: class indices, integers (n,). ``rows``: the rows that belong to the dataset, in
    their order (default: all); so the parts of a split share one array.
    """

    inputs: FloatArray | PixelArray
    labels: IntArray
    rows: IntArray | None = None
    classes: int = field(init=False)

    def __post_init__(self) -> None:
        inputs, labels = as_array(self.inputs, "inputs"), checked_labels(self.labels)
        if inputs.ndim != 2 or 0 in inputs.shape:
            raise ValueError(f"inputs must be (n, features) and not empty, got {inputs.shape}")
        if len(labels) != len(inputs):
            raise ValueError(f"{len(inputs)} inputs need as many labels, got {len(labels)}")
        if inputs.dtype != np.uint8:
            inputs = as_features(inputs)
        if self.rows is not None:
            object.__setattr__(self, "rows", _checked_rows(self.rows, len(inputs)))
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "classes", int(labels.max()) + 1)

    def __len__(self) -> int:
        return len(self.labels if self.rows is None else self.rows)

    @property
    def features(self) -> int:
        """How many numbers describe one sample."""
        return self.inputs.shape[1]

    def subset(self, positions: IntArray) -> "Dataset":
        """The samples at these positions, sharing the arrays of this dataset."""
        positions = _checked_rows(positions, len(self))
        rows = positions if self.rows is None else self.rows[positions]
        return Dataset(self.inputs, self.labels, rows)

    def take(self, positions: IntArray | slice) -> tuple[FloatArray, IntArray]:
        """The features (m, features) and labels (m,) at these positions."""
        rows = positions if self.rows is None else self.rows[positions]
        if isinstance(rows, slice):
            inputs, labels = self.inputs[rows], self.labels[rows]
        else:  # the same as indexing by ``rows``, and a third faster: 2 % of a training step
            inputs, labels = self.inputs.take(rows, axis=0), self.labels.take(rows)
        return _scaled(inputs), labels

    def batches(self, batch_size: int) -> Iterator[tuple[FloatArray, IntArray]]:
        """All samples in order, ``batch_size`` at a time; the last batch may be shorter."""
        for start in range(0, len(self), batch_size):
            yield self.take(slice(start, min(start + batch_size, len(self))))

    def shuffled_batches(
        self, batch_size: int, rng: np.random.Generator, samples: int | None = None
    ) -> Iterator[tuple[FloatArray, IntArray]]:
        """The same in a new random order; with ``samples``, only the first ones of that order."""
        order = rng.permutation(len(self))[:samples]
        for start in range(0, len(order), batch_size):
            yield self.take(order[start : start + batch_size])


def stratified_split(
    labels: IntArray, fraction: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Positions of (rest, held-out part): ``fraction`` of each class is held out, at random.

    Every class keeps its share to within one sample.
    """
    check_between("the held-out fraction", fraction, 0, 1)
    labels = checked_labels(labels)
    shuffled = rng.permutation(len(labels))
    by_class = [shuffled[labels[shuffled] == label] for label in np.unique(labels)]
    counts = [round(fraction * len(members)) for members in by_class]
    held_out = np.concatenate([members[:n] for members, n in zip(by_class, counts, strict=True)])
    rest = np.concatenate([members[n:] for members, n in zip(by_class, counts, strict=True)])
    if len(held_out) == 0 or len(rest) == 0:
        raise ValueError(f"holding out {fraction} of {len(labels)} samples leaves one part empty")
    return np.sort(rest), np.sort(held_out)


def checked_labels(labels: ArrayLike, classes: int | None = None) -> IntArray:
    """``labels`` as an array (n,) of class indices, below ``classes`` if given."""
    array = as_indices(labels, "labels")
    if len(array) and array.min() < 0:
        raise ValueError(f"labels must be 0 or larger, got {array.min()}")
    if len(array) and classes is not None and array.max() >= classes:
        raise ValueError(f"label {array.max()} is out of range: classes are 0–{classes - 1}")
    return array


def _checked_rows(rows: ArrayLike, available: int) -> IntArray:
    rows = as_indices(rows, "rows")
    if len(rows) == 0:
        raise ValueError("rows must be integers of shape (n,) and not empty, got shape (0,)")
    if rows.min() < 0 or rows.max() >= available:
        raise ValueError(f"rows {rows.min()}–{rows.max()} are not all in 0–{available - 1}")
    return rows
