"""The files in which people have MNIST: four IDX files, or one Keras-style npz."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.datasets.idx import REMEDY, read_idx
from experiments.datasets.image_set import ImageArrays, Part, PublishedSet, as_bytes
from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

IDX_NAMES: dict[Part, str] = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
NPZ_KEYS: dict[Part, str] = {
    "train_images": "x_train",
    "train_labels": "y_train",
    "test_images": "x_test",
    "test_labels": "y_test",
}


@dataclass(frozen=True)
class IdxFiles:
    """The four original files of a published set, gzipped or not."""

    published: PublishedSet
    paths: dict[Part, Path]

    @property
    def fingerprint(self) -> str:
        """Differs when the data set may differ: see ``image_cache.Source``."""
        return _fingerprint(self.published, self.paths.values())

    @property
    def origin(self) -> str:
        """The folder of the files."""
        return self.paths["train_images"].parent.as_uri()

    def read(self, scratch: Path | None) -> ImageArrays:
        """The arrays, checked. Raises ``DatasetError`` naming the file that is at fault."""
        arrays: ImageArrays = {part: read_idx(path) for part, path in self.paths.items()}
        origins: dict[Part, str] = {part: str(path) for part, path in self.paths.items()}
        return self.published.checked(arrays, origins, REMEDY)


@dataclass(frozen=True)
class NpzFile:
    """One archive with x_train, y_train, x_test and y_test, as Keras has it."""

    published: PublishedSet
    path: Path

    @property
    def fingerprint(self) -> str:
        """Differs when the data set may differ: see ``image_cache.Source``."""
        return _fingerprint(self.published, [self.path])

    @property
    def origin(self) -> str:
        """The file."""
        return self.path.as_uri()

    def read(self, scratch: Path | None) -> ImageArrays:
        """The arrays, checked. Raises ``DatasetError`` naming the file and the array."""
        arrays: ImageArrays = {part: self._array(key) for part, key in NPZ_KEYS.items()}
        origins: dict[Part, str] = {p: f"{key} in {self.path}" for p, key in NPZ_KEYS.items()}
        return self.published.checked(arrays, origins, REMEDY)

    def _array(self, key: str) -> PixelArray:
        try:
            # Opened here, because np.load leaves a file open that it cannot make sense of.
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                return as_bytes(archive[key])
        # NumPy lets through whatever zipfile, zlib and its own parsers raise.
        except Exception as error:
            reason = " ".join(str(error).split())
            message = f"{key} in {self.path} cannot be read ({reason}); {REMEDY}"
            raise DatasetError(message) from error


@dataclass(frozen=True)
class IncompleteFiles:
    """Some of the four files: a download in their place would surprise who put them there."""

    published: PublishedSet
    folder: Path
    missing: list[str]

    @property
    def fingerprint(self) -> str | None:
        """None where the contents are not known: what is cached will do."""
        return self.published.fingerprint

    @property
    def origin(self) -> str:
        """The folder of the files."""
        return self.folder.as_uri()

    def read(self, scratch: Path | None) -> ImageArrays:
        """Raises ``DatasetError`` naming the missing files."""
        raise DatasetError(
            f"{self.folder} holds some of {self.published.title}'s four files but not "
            f"{', '.join(self.missing)}; add what is missing or remove the others"
        )


def find_files(published: PublishedSet, home: Path) -> IdxFiles | NpzFile | IncompleteFiles | None:
    """The files of this set in the data folder: four IDX files, else an npz, else some IDX."""
    in_folders = {home / folder: _idx_paths(home / folder) for folder in published.folders}
    for paths in in_folders.values():
        if len(paths) == len(IDX_NAMES):
            return IdxFiles(published, paths)
    for folder in (published.name, ""):
        archive = home / folder / f"{published.name}.npz"
        if archive.is_file():
            return NpzFile(published, archive)
    for folder, paths in in_folders.items():
        if paths:
            missing = [f"{name}.gz" for part, name in IDX_NAMES.items() if part not in paths]
            return IncompleteFiles(published, folder, missing)
    return None


def _idx_paths(folder: Path) -> dict[Part, Path]:
    paths: dict[Part, Path] = {}
    for part, name in IDX_NAMES.items():
        if path := _first_file(folder, name):
            paths[part] = path
    return paths


def _first_file(folder: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # as Kaggle's archive has them
    candidates = (folder / f"{stem}{end}" for stem in (name, dotted) for end in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)


def _fingerprint(published: PublishedSet, paths: Iterable[Path]) -> str:
    """The known contents; where they are not known, which version of which files it was."""
    facts = ((path, path.stat()) for path in paths)
    versions = (f"{path}:{stat.st_size}:{stat.st_mtime_ns}" for path, stat in facts)
    return published.fingerprint or " ".join(versions)
