"""One cached image set: a folder of uint8 .npy files, and a JSON file about their contents."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from experiments.datasets.image_set import PARTS, ImageArrays, ImageSet, checksum, digest_of
from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

_CONTENTS = "contents.json"


def write_entry(folder: Path, arrays: ImageArrays, fingerprint: str) -> None:
    """Fills an empty folder and flushes it to the disk. ``fingerprint``: see ``Source``."""
    parts = {part: _written(folder / f"{part}.npy", arrays[part]) for part in PARTS}
    contents = {"digest": digest_of(arrays), "fingerprint": fingerprint, "parts": parts}
    (folder / _CONTENTS).write_text(json.dumps(contents, indent=1))
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def open_entry(folder: Path, fingerprint: str) -> ImageSet | None:
    """The image set, memory-mapped; None if it is missing or has another fingerprint.

    Raises ``DatasetError`` with the name of a damaged file.
    """
    path = folder / _CONTENTS
    try:
        if not path.is_file():
            return None
        contents = json.loads(path.read_bytes())
        if fingerprint != contents["fingerprint"]:
            return None
        arrays: ImageArrays = {
            part: _mapped(folder / f"{part}.npy", contents["parts"][part]) for part in PARTS
        }
        return ImageSet(arrays, contents["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is damaged ({error!r})") from error


def _written(path: Path, array: PixelArray) -> dict[str, Any]:
    np.save(path, array)
    stat = path.stat()
    facts = {"shape": array.shape, "bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    return {**facts, "sha256": checksum(array)}


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
    # Checking 47 MB at every start would be slow: only files with a new time are checked.
    if stat.st_mtime_ns != facts["mtime_ns"] and checksum(array) != facts["sha256"]:
        raise DatasetError(f"{path} is damaged (its contents have changed)")
    return array
