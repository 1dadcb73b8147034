"""The types and shapes of the arrays in a file of another program; no array is read."""

import math
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

_SHOWN = 8  # the most arrays that a message names
_LONGEST = 40  # characters of a name in a message


class Header(NamedTuple):
    """The type and shape that an array claims."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of entries, exact where NumPy's would overflow."""
        return math.prod(self.shape)


def read_header(file: IO[bytes]) -> Header:
    """The header of an ``.npy`` file. Raises ``ValueError``."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return Header(dtype, shape)


def array_headers(file: Path | IO[bytes]) -> dict[str, Header]:
    """The header of each array in an ``.npz`` file, by name, in the order of the file.

    Raises ``ValueError`` if it is no ``.npz`` file, and ``OSError``.
    """
    headers = {}
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                with archive.open(member) as entry:
                    headers[member.filename.removesuffix(".npy")] = read_header(entry)
    except (OSError, ValueError):
        raise
    except Exception as error:  # zipfile raises errors of many types: zlib.error, …
        reason = " ".join(str(error).split())
        raise ValueError(f"it is cut, damaged, or no .npz file at all ({reason})") from error
    return headers


def listed(headers: Mapping[str, Header]) -> str:
    """The arrays in words: ``W1 float64 (784, 64), b1 float64 (64,)``."""
    shown = [
        f"{ascii(name[:_LONGEST])[1:-1]} {found.dtype} {found.shape}"
        for name, found in list(headers.items())[:_SHOWN]
    ]
    more = len(headers) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def layer_sizes(headers: Mapping[str, Header]) -> list[int] | None:
    """The sizes of the network whose weights these are: ``[784, 64, 10]``.

    The matrices are (fan_in, fan_out), or (fan_out, fan_in) in all layers. None if they do not
    follow each other like this.
    """
    shapes = [found.shape for found in headers.values() if len(found.shape) == 2]
    matrices = [shape for shape in shapes if 1 not in shape]  # a bias may be (1, n)
    for chain in (matrices, [shape[::-1] for shape in matrices]):
        if chain and all(before[1] == after[0] for before, after in pairwise(chain)):
            return [chain[0][0], *(shape[1] for shape in chain)]
    return None
