"""One cached image set: a folder of uint8 .npy files and a note of what they contain."""

import json
import os
from pathlib import Path
from typing import IO, Any

import numpy as np

from experiments.datasets.image_set import PARTS, ImageArrays, ImageSet, checksum, digest_of
from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

_CONTENTS = "contents.json"


def write_entry(folder: Path, arrays: ImageArrays, fingerprint: str | None) -> None:
    """Fills an empty folder, on disk when this returns. ``fingerprint``: see ``Source``."""
    parts = {part: _written(folder / f"{part}.npy", arrays[part]) for part in PARTS}
    contents = {"digest": digest_of(arrays), "fingerprint": fingerprint, "parts": parts}
    with (folder / _CONTENTS).open("wb") as file:
        file.write(json.dumps(contents, indent=1).encode())
        _flush(file)


def open_entry(folder: Path, fingerprint: str | None) -> ImageSet | None:
    """The image set, memory-mapped; None if there is none, or one of another fingerprint.

    Raises ``DatasetError`` naming a damaged file.
    """
    path = folder / _CONTENTS
    try:
        if not path.is_file():
            return None
        contents = json.loads(path.read_bytes())
        if fingerprint not in (None, contents["fingerprint"]):
            return None
        arrays: ImageArrays = {
            part: _mapped(folder / f"{part}.npy", contents["parts"][part]) for part in PARTS
        }
        return ImageSet(arrays, contents["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is damaged ({error!r})") from error


def _written(path: Path, array: PixelArray) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, array)
        _flush(file)
    stat = path.stat()
    facts = {"shape": array.shape, "bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    return {**facts, "sha256": checksum(array)}


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _mapped(path: Path, facts: dict[str, Any]) -> PixelArray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"{path} is damaged ({error})") from error
    if array.dtype != np.uint8 or list(array.shape) != facts["shape"]:
        found = f"{array.dtype} of shape {array.shape}"
        raise DatasetError(f"{path} is damaged (it holds {found}, not uint8 of {facts['shape']})")
    stat = path.stat()
    if stat.st_size != facts["bytes"]:
        raise DatasetError(f"{path} is damaged ({stat.st_size} bytes, not {facts['bytes']})")
    # Reading 47 MB at every start would be a waste: only a file touched since is verified.
    if stat.st_mtime_ns != facts["mtime_ns"] and checksum(array) != facts["sha256"]:
        raise DatasetError(f"{path} is damaged (its contents have changed)")
    return array
