"""IDX files, in which MNIST is published: a short header, then the numbers."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

REMEDY = "replace it by the original file or remove it"
_UINT8 = 0x08


def read_idx(path: Path) -> PixelArray:
    """The array of one IDX file of uint8, gzipped or not.

    The header is two zero bytes, the type, the number of dimensions, then every
    dimension as a big-endian 32-bit number. Raises ``DatasetError`` naming the file.
    """
    content = _content(path)
    kind, dimensions = _kind(content)
    start = 4 + 4 * dimensions
    if kind != _UINT8 or len(content) < start:
        raise DatasetError(
            f"{path} is not an IDX file of uint8 (it starts with {content[:4]!r}); {REMEDY}"
        )
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
    try:
        content = path.read_bytes()
        # Told by its content, as browsers unpack some downloads and leave the name as it was.
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read ({error}); {REMEDY}") from error


def _kind(content: bytes) -> tuple[int, int]:
    """The type and the number of dimensions; type −1 where there is no IDX header."""
    return (content[2], content[3]) if content[:2] == b"\0\0" and len(content) > 4 else (-1, 0)
