"""The four parts of a published set in one npz, as Keras keeps them or under other names."""

from pathlib import Path

import numpy as np

from experiments.datasets.idx import REMEDY
from experiments.datasets.image_set import PARTS, ImageArrays, Part, PublishedSet, as_bytes
from experiments.errors import DatasetError
from nnscratch.storage.array_headers import array_headers, listed
from nnscratch.storage.foreign_file import description
from nnscratch.typing import PixelArray

_KERAS: dict[Part, str] = dict(zip(PARTS, ("x_train", "y_train", "x_test", "y_test"), strict=True))


def read_archive(published: PublishedSet, archive: Path) -> ImageArrays:
    """The checked arrays; ``DatasetError`` says what the file holds if that is not the set."""
    names = _names(published, archive)
    arrays: ImageArrays = {part: _array(archive, name) for part, name in names.items()}
    origins: dict[Part, str] = {part: f"{name} in {archive}" for part, name in names.items()}
    return published.checked(arrays, origins, REMEDY)


def _names(published: PublishedSet, archive: Path) -> dict[Part, str]:
    """The name of each part: Keras' name, else that of the only array of its shape.

    No array is read before its shape is known to be right.
    """
    try:
        headers = array_headers(archive)
    except (OSError, ValueError) as error:
        reason = description(archive) or " ".join(str(error).split())
        raise DatasetError(f"{archive} cannot be read ({reason}); {REMEDY}") from error
    names: dict[Part, str] = {}
    for part, keras in _KERAS.items():
        fitting = [name for name in headers if headers[name].shape in published.shapes(part)]
        if keras in fitting:
            names[part] = keras
        elif len(fitting) == 1:
            names[part] = fitting[0]
        else:
            expected = (f"{name} {published.shapes(part)[0]}" for part, name in _KERAS.items())
            raise DatasetError(
                f"{archive} holds {listed(headers)}; {published.title} is {', '.join(expected)}, "
                f"in uint8; {REMEDY}"
            )
    return names


def _array(archive: Path, name: str) -> PixelArray:
    try:
        # Opened here, because np.load leaves a file open that it cannot read.
        with archive.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return as_bytes(arrays[name])
    # NumPy passes on all errors of zipfile, zlib and its own parsers.
    except Exception as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{name} in {archive} cannot be read ({reason}); {REMEDY}") from error
