"""The cache of image sets: .npy files that all processes map into memory together."""

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
from experiments.errors import DatasetError

_LOGGER = logging.getLogger(__name__)


class Source(Protocol):
    """Where an image set comes from when it is not cached yet."""

    @property
    def fingerprint(self) -> str | None:
        """Differs when the data set may differ; None: whatever is cached will do."""
        ...

    @property
    def origin(self) -> str:
        """Where the set is found, as a URI, or what makes it, as a Python name."""
        ...

    def read(self, scratch: Path | None) -> ImageArrays:
        """The arrays, checked; ``scratch`` is a folder for what is needed on the way.

        Raises ``DatasetError``.
        """
        ...


def data_folder() -> Path:
    """Where data files are looked for: ``NNSCRATCH_DATA``, else the user's cache folder.

    Raises ``DatasetError`` if that is no folder that may be read.
    """
    folder = os.environ.get("NNSCRATCH_DATA")
    if not folder:
        return _user_cache_folder()
    path = Path(folder).expanduser().absolute()
    if path.exists() and not (path.is_dir() and os.access(path, os.R_OK | os.X_OK)):
        raise DatasetError(f"NNSCRATCH_DATA={folder} is not a folder that may be read")
    return path


def cached(name: str, source: Source) -> ImageSet:
    """The image set of this name: from the cache, else from ``source`` through the cache.

    The cache lies in the data folder, or in the user's cache folder where that may not
    be written; if neither may be, the arrays stay in this process's memory. Raises
    ``DatasetError`` if ``source`` has to be read and cannot be.
    """
    damages: list[str] = []
    entries = [root / "cached" / name for root in _roots()]
    for entry in entries:
        try:
            if images := open_entry(entry, source.fingerprint):
                return images
        except DatasetError as damage:
            _LOGGER.warning("%s; it is made anew", damage)
            damages.append(str(damage))
    try:
        return _made(next(filter(_is_writable, entries), None), source)
    except DatasetError as error:
        raise DatasetError("; ".join([*damages, str(error)])) from error


def sources_digest(modules: Iterable[str]) -> str:
    """SHA-256 of the source of these modules: for sets that are made and not published."""
    specs = map(importlib.util.find_spec, modules)
    paths = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _made(entry: Path | None, source: Source) -> ImageSet:
    if entry is None:
        return _uncached(source, "no folder for it may be written")
    try:
        return _made_once(entry, source)
    except OSError as error:
        return _uncached(source, str(error))


def _uncached(source: Source, reason: str) -> ImageSet:
    _LOGGER.warning("no cache (%s): every process keeps its own copy of the data", reason)
    arrays = source.read(None)
    return ImageSet(arrays, digest_of(arrays))


def _made_once(entry: Path, source: Source) -> ImageSet:
    """The new entry, made by the first of all the processes that ask for it at once."""
    from filelock import FileLock  # here, because it is imported in 45 ms and used once

    entry.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(entry.with_name(f"{entry.name}.lock")):
        with suppress(DatasetError):
            if images := open_entry(entry, source.fingerprint):
                return images
        _make(entry, source)
        return open_entry(entry, source.fingerprint) or _uncached(source, f"{entry} is gone")


def _make(entry: Path, source: Source) -> None:
    """Everything happens in a folder beside the entry and takes effect by its renaming."""
    partial = entry.with_name(f".{entry.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed
    partial.mkdir()
    try:
        write_entry(partial, source.read(partial), source.fingerprint)
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _roots() -> list[Path]:
    return list(dict.fromkeys((data_folder(), _user_cache_folder())))


def _user_cache_folder() -> Path:
    import platformdirs  # here, because data=xor needs no folder

    return platformdirs.user_cache_path("nnscratch")


def _is_writable(entry: Path) -> bool:
    # os.path's version, because Path's raises where a folder on the way may not be entered.
    folder = next(parent for parent in entry.parents if os.path.exists(parent))  # noqa: PTH110
    # Root may write anywhere: a folder whose mode denies everybody is meant to be left alone.
    return os.access(folder, os.W_OK | os.X_OK) and bool(folder.stat().st_mode & 0o222)
