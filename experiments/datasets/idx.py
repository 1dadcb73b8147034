"""IDX files, the format of MNIST: a short header, then the numbers."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from experiments.errors import DatasetError
from nnscratch.storage.foreign_file import description
from nnscratch.typing import PixelArray

REMEDY = "replace it with the original file or remove it"
_UINT8 = 0x08
_MOST_DIMENSIONS = 3
_LARGEST = 16 + 60_000 * 28 * 28  # bytes of the largest file of any set


def read_idx(path: Path) -> PixelArray:
    """The array of one IDX file of uint8, gzipped or not.

    The header is two zero bytes, the type, the number of dimensions, then every
    dimension as a big-endian 32-bit number. Raises ``DatasetError`` with the file's name.
    """
    content = _content(path)
    has_header = content.startswith(b"\0\0") and len(content) > 4
    kind, dimensions = content[2:4] if has_header else (None, 0)
    start = 4 + 4 * dimensions
    if kind != _UINT8 or not 1 <= dimensions <= _MOST_DIMENSIONS or len(content) < start:
        known = description(path)
        found = f"it is {known}" if known else f"it starts with {content[:4]!r}"
        raise DatasetError(f"{path} is not an IDX file of uint8 ({found}); {REMEDY}")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    expected = start + math.prod(shape)
    if len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise DatasetError(
            f"{path} is {what}: {len(content):,} bytes, "
            f"but its header {shape} promises {expected:,}; {REMEDY}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _content(path: Path) -> bytes:
    """The bytes of the file, unpacked, but not more than the largest file may have."""
    try:
        if not path.is_file():
            raise DatasetError(f"{path} is not a file; {REMEDY}")
        with path.open("rb") as file:
            # The content decides: browsers unpack some downloads and keep the name with .gz.
            packed = file.peek(2).startswith(b"\x1f\x8b")
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read ({error}); {REMEDY}") from error
    if len(content) > _LARGEST:
        raise DatasetError(f"{path} is too long: it holds more than {_LARGEST:,} bytes; {REMEDY}")
    return content
