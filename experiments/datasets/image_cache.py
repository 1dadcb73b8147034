"""The cache of image sets: .npy files that all processes map into shared memory."""

import hashlib
import importlib.util
import logging
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from experiments.datasets.image_entry import open_entry, write_entry
from experiments.datasets.image_set import ImageArrays, ImageSet, digest_of
from experiments.errors import ConfigError, DatasetError
from experiments.runtime.paths import local_path

_LOGGER = logging.getLogger(__name__)


class Source(Protocol):
    """The source of an image set that is not cached yet."""

    @property
    def fingerprint(self) -> str:
        """Changes when the data set may have changed."""
        ...

    @property
    def origin(self) -> str:
        """The place of the set as a URI, or the Python name of what makes it."""
        ...

    def read(self, scratch: Path | None) -> ImageArrays:
        """The arrays, checked; ``scratch`` is a folder for temporary files.

        Raises ``DatasetError``.
        """
        ...


def data_folder() -> Path:
    """The folder of the data files: ``NNSCRATCH_DATA``, else the user's cache folder.

    Raises ``DatasetError`` if it is not a readable folder.
    """
    folder = os.environ.get("NNSCRATCH_DATA")
    if not folder:
        return _user_cache_folder()
    try:
        path = local_path(folder, "NNSCRATCH_DATA").absolute()
    except ConfigError as error:
        raise DatasetError(str(error)) from None
    if path.exists() and not (path.is_dir() and os.access(path, os.R_OK | os.X_OK)):
        raise DatasetError(f"NNSCRATCH_DATA={folder} is not a folder that can be read")
    return path


def cached(name: str, source: Source) -> ImageSet:
    """The image set of this name: from the cache, else from ``source`` through the cache.

    The cache is in the data folder, or in the user's cache folder if the data folder is not
    writable. If neither is writable, the arrays stay in this process's memory. Raises
    ``DatasetError`` if ``source`` must be read but cannot be.
    """
    damages: list[str] = []
    roots = dict.fromkeys((data_folder(), _user_cache_folder()))
    entries = [root / "cached" / name for root in roots]
    for entry in entries:
        try:
            if images := open_entry(entry, source.fingerprint):
                return images
        except DatasetError as damage:
            _LOGGER.warning("%s; it is rebuilt", damage)
            damages.append(str(damage))
    try:
        return _made(next(filter(_is_writable, entries), None), source)
    except DatasetError as error:
        raise DatasetError("; ".join([*damages, str(error)])) from error


def sources_digest(modules: Iterable[str]) -> str:
    """SHA-256 of the source of these modules, for sets that this project makes itself."""
    specs = map(importlib.util.find_spec, modules)
    paths = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _made(entry: Path | None, source: Source) -> ImageSet:
    if entry is None:
        return _uncached(source, "no folder for it is writable")
    try:
        return _made_once(entry, source)
    except OSError as error:
        return _uncached(source, str(error))


def _uncached(source: Source, reason: str) -> ImageSet:
    _LOGGER.warning("no cache (%s): every process keeps its own copy of the data", reason)
    arrays = source.read(None)
    return ImageSet(arrays, digest_of(arrays))


def _made_once(entry: Path, source: Source) -> ImageSet:
    """The new entry. If several processes need it at once, the first one makes it."""
    from filelock import FileLock  # here: its import takes 45 ms, and only the first run needs it

    entry.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(entry.with_name(f"{entry.name}.lock")):
        with suppress(DatasetError):
            if images := open_entry(entry, source.fingerprint):
                return images
        _make(entry, source)
        return open_entry(entry, source.fingerprint) or _uncached(source, f"{entry} is gone")


def _make(entry: Path, source: Source) -> None:
    """Writes a folder beside the entry, then renames it: the entry is complete or missing."""
    partial = entry.with_name(f".{entry.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a killed process
    partial.mkdir()
    try:
        write_entry(partial, source.read(partial), source.fingerprint)
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _user_cache_folder() -> Path:
    import platformdirs  # here: data=xor needs no folder

    return platformdirs.user_cache_path("nnscratch")


def _is_writable(entry: Path) -> bool:
    # Path.exists raises if a folder on the way may not be entered; os.path.exists does not.
    folder = next(parent for parent in entry.parents if os.path.exists(parent))  # noqa: PTH110
    # Root may write anywhere. A folder that nobody may write should be left alone by root too.
    return os.access(folder, os.W_OK | os.X_OK) and bool(folder.stat().st_mode & 0o222)
