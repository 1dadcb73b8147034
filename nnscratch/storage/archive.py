"""The ``.npz`` file, written whole or not at all, and read without trust: vectors and texts.

``numpy.load`` trusts a file: it unpacks compressed entries, and allocates as much memory as a
header claims. Here nothing is read or allocated before it is certain that the file holds it.
"""

import os
import re
import uuid
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnscratch.typing import FloatArray

_ENTRY = re.compile(r"([a-z]+(?:\.[a-z_]+)?)\.npy")  # no path: nothing leads out of the file
_MAGIC = b"\x93NUMPY\x01\x00"
_VECTOR_OR_TEXT = re.compile(
    rb"\{'descr': '([<>])(?:(f[48])|U([1-9]\d{0,17}))', 'fortran_order': False, "
    rb"'shape': \((?:(\d{1,18}),)?\), \} *\n"
)
_SHOWN = 3  # the most entries that a message names


class ArchiveError(ValueError):
    """A file that is not such an archive, or damaged; the message says why, but names no file."""


class Archive(NamedTuple):
    """The contents of a file, by name."""

    vectors: dict[str, FloatArray]  # of one dimension, read-only, in the byte order of the file
    texts: dict[str, str]


def read_archive(file: BinaryIO) -> Archive:
    """All vectors and texts of ``file``. Raises ``ArchiveError``, and ``OSError`` of the disk."""
    archive = Archive({}, {})
    for name, content in _entries(file).items():
        value = _value(name, content)
        if isinstance(value, str):
            archive.texts[name] = value
        else:
            archive.vectors[name] = value
    return archive


def _entries(file: BinaryIO) -> dict[str, bytes]:
    size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members, size)
            return {_ENTRY.sub(r"\1", member.filename): archive.read(member) for member in members}
    except (ArchiveError, OSError):
        raise
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"it is cut, damaged, or no .npz file at all ({error})") from error
    except Exception as error:  # zipfile raises errors of many types: struct.error, …
        raise ArchiveError(f"it is damaged ({type(error).__name__}: {error})") from error


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    """Nothing compressed, no name twice, and together no larger than the file: no zip bombs."""
    names = [member.filename for member in members]
    foreign = [name for name in names if not _ENTRY.fullmatch(name)]
    if foreign:
        shown = ", ".join(ascii(name[:40]) for name in foreign[:_SHOWN])
        raise ArchiveError(f"it is a foreign file: it holds {shown}")
    if len(set(names)) < len(names):
        raise ArchiveError("it holds two entries of one name")
    if any(m.compress_type != zipfile.ZIP_STORED or m.flag_bits for m in members):
        raise ArchiveError("it is a foreign file: its entries are compressed or encrypted")
    if any(m.compress_size != m.file_size for m in members) or size < sum(
        m.file_size for m in members
    ):
        raise ArchiveError("it is damaged: its entries claim more room than the file has")


def _value(name: str, content: bytes) -> FloatArray | str:
    """The vector or text in a ``.npy`` file.

    The header is matched, not evaluated: NumPy writes it in this one way.
    """
    start = 10 + int.from_bytes(content[8:10], "little")
    header = _VECTOR_OR_TEXT.fullmatch(content[10:start])
    if not content.startswith(_MAGIC) or header is None:
        raise ArchiveError(f"its {name} is neither a vector of floats nor a text")
    order, kind, characters, length = (group and group.decode() for group in header.groups())
    if (kind is None) == (length is not None):
        raise ArchiveError(f"its {name} is neither a vector of floats nor a text")
    claimed = 4 * int(characters) if characters else int(kind[1]) * int(length)
    if len(content) - start != claimed:
        raise ArchiveError(f"its {name} is {len(content) - start} bytes long, not {claimed}")
    if characters:
        return content[start:].decode("utf-32-le" if order == "<" else "utf-32-be").rstrip("\0")
    vector: NDArray[Any] = np.ndarray(
        (int(length),), np.dtype(f"{order}{kind}"), buffer=content, offset=start
    )
    return vector


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Writes ``arrays`` by their names to ``path``, which is returned.

    It is written under a temporary name beside ``path``, flushed to the disk, then renamed.
    Raises ``OSError`` with the name of the file if the disk refuses.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:  # the error of a full disk names no file
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
    return path
