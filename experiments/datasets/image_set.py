"""Images and labels of one data set, and the known contents of the published sets."""

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

Part: TypeAlias = Literal["train_images", "train_labels", "test_images", "test_labels"]
PARTS: tuple[Part, ...] = get_args(Part)

ImageArrays: TypeAlias = dict[Part, PixelArray]
"""Images (n, 784) and labels (n,), both uint8, of the training and the test part."""

SIDE = 28


@dataclass(frozen=True)
class ImageSet:
    """Checked arrays with the digest of their contents (see ``digest_of``)."""

    arrays: ImageArrays
    digest: str


@dataclass(frozen=True)
class PublishedSet:
    """The known facts of a published data set in MNIST's format.

    ``folders``: the places of its IDX files, relative to the data folder. ``…_counts``: how often
    the labels 0 … 9 occur. ``checksums``: what ``checksum`` gives for each part.
    """

    name: str
    title: str
    openml_name: str
    openml_id: int
    folders: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    checksum: Callable[[PixelArray], str]
    checksums: Mapping[Part, str]

    @property
    def fingerprint(self) -> str:
        """The known contents, for every kind of source."""
        return " ".join(self.checksums.values())

    def shapes(self, part: Part) -> tuple[tuple[int, ...], ...]:
        """The shapes that this part may have, the usual one first."""
        n = sum(self._counts(part))
        return ((n,),) if part.endswith("labels") else ((n, SIDE, SIDE), (n, SIDE * SIDE))

    def is_part(self, part: Part, array: PixelArray) -> bool:
        """Whether ``array`` is this part, by shape and checksum."""
        return self._complaint(part, array) is None

    def checked(
        self, arrays: Mapping[Part, PixelArray], origins: Mapping[Part, str], remedy: str
    ) -> ImageArrays:
        """``arrays`` with the images as (n, 784), if they are this set.

        Otherwise it raises ``DatasetError``: first the origin of the wrong part, in the end
        ``remedy``.
        """
        for part in PARTS:
            if complaint := self._complaint(part, arrays[part]):
                raise DatasetError(f"{origins[part]} {complaint}; {remedy}")
        return {part: arrays[part].reshape(self.shapes(part)[-1]) for part in PARTS}

    def _complaint(self, part: Part, array: PixelArray) -> str | None:
        noun = f"{self.title}'s {part.replace('train', 'training').replace('_', ' ')}"
        shapes = self.shapes(part)
        if array.dtype != np.uint8 or array.shape not in shapes:
            found = f"{array.dtype} of shape {array.shape}"
            return f"holds {found}, but {noun} are uint8 of shape {shapes[0]}"
        if part.endswith("labels") and (wrong := _label_complaint(array, self._counts(part))):
            return f"{wrong} in {noun}"
        if (found := self.checksum(array)) != (known := self.checksums[part]):
            return (
                f"has the right shape, but its contents are not {noun} "
                f"(checksum {found[:8]}…, expected {known[:8]}…)"
            )
        return None

    def _counts(self, part: Part) -> tuple[int, ...]:
        return self.train_counts if part.startswith("train") else self.test_counts


def checksum(array: PixelArray) -> str:
    """SHA-256 of the array's bytes, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def idx_checksum(array: PixelArray) -> str:
    """MD5 of the array as an unpacked IDX file, in hexadecimal; images may be (n, 784)."""
    shape = (len(array),) if array.ndim == 1 else (len(array), SIDE, SIDE)
    header = struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape)
    content = hashlib.md5(header, usedforsecurity=False)
    content.update(np.ascontiguousarray(array).data)
    return content.hexdigest()


# The checksums cover the four original files (yann.lecun.com, 1998) without their
# IDX headers. OpenML's mnist_784 and Keras' mnist.npz hold the same images in the same order.
MNIST = PublishedSet(
    name="mnist",
    title="MNIST",
    openml_name="mnist_784",
    openml_id=554,
    folders=("mnist", ""),
    train_counts=(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    test_counts=(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    checksum=checksum,
    checksums={
        "train_images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "train_labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        "test_images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
        "test_labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    },
)

# Its IDX files have the same names as MNIST's. Files at the top of the data folder are MNIST's.
# The checksums are published: MD5 of the four unpacked files (zalandoresearch/fashion-mnist, 2017).
FASHION_MNIST = PublishedSet(
    name="fashion_mnist",
    title="Fashion-MNIST",
    openml_name="Fashion-MNIST",
    openml_id=40996,
    folders=("fashion_mnist",),
    train_counts=(6000,) * 10,
    test_counts=(1000,) * 10,
    checksum=idx_checksum,
    checksums={
        "train_images": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train_labels": "9018921c3c673c538a1fc5bad174d6f9",
        "test_images": "8181f5470baa50b63fa0f6fddb340f0a",
        "test_labels": "15d484375f8d13e6eb1aabb0c3f46965",
    },
)


def _label_complaint(labels: PixelArray, known: tuple[int, ...]) -> str | None:
    if (largest := labels.max()) > 9:
        return f"holds the label {largest}, but there are only 0, 1, …, 9"
    counts = tuple(np.bincount(labels, minlength=10).tolist())
    return None if counts == known else f"holds {counts} of the labels 0, 1, …, 9, not {known} as"


def digest_of(arrays: ImageArrays) -> str:
    """SHA-256 over the bytes of all parts, in the order of ``PARTS``."""
    total = hashlib.sha256()
    for part in PARTS:
        total.update(np.ascontiguousarray(arrays[part]).data)
    return total.hexdigest()


def as_bytes(numbers: ArrayLike) -> PixelArray:
    """Whole numbers 0–255 of any type, or their decimal strings, as uint8.

    Raises ``ValueError`` for anything else.
    """
    array = np.asarray(numbers)
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "biuf":
        array = array.astype(np.float64)
    with np.errstate(invalid="ignore"):  # the comparison below finds NaN
        converted = array.astype(np.uint8)
    if not np.array_equal(converted, array):
        raise ValueError("holds numbers other than 0, 1, …, 255")
    return converted
