"""The usual files of MNIST: four IDX files, or one npz in Keras' format."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.datasets.idx import REMEDY, read_idx
from experiments.datasets.image_set import PARTS, ImageArrays, Part, PublishedSet, as_bytes
from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

IDX_NAMES: dict[Part, str] = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
_NPZ_KEYS: dict[Part, str] = dict(
    zip(PARTS, ("x_train", "y_train", "x_test", "y_test"), strict=True)
)


@dataclass(frozen=True)
class PublishedFiles:
    """The files of a published set: an npz holds all parts, an IDX file, gzipped or not, one.

    Parts may be missing. Whoever put the others there does not expect a download.
    """

    published: PublishedSet
    place: Path  # the folder of the IDX files, or the npz
    paths: Mapping[Part, Path]

    @property
    def fingerprint(self) -> str | None:
        """The known contents; if they are not known, the paths, sizes and times of the files."""
        if self.published.fingerprint or self._missing:
            return self.published.fingerprint
        facts = ((path, path.stat()) for path in dict.fromkeys(self.paths.values()))
        return " ".join(f"{path}:{stat.st_size}:{stat.st_mtime_ns}" for path, stat in facts)

    @property
    def origin(self) -> str:
        return self.place.as_uri()

    def read(self, scratch: Path | None) -> ImageArrays:
        if self._missing:
            raise DatasetError(
                f"{self.place} holds some of {self.published.title}'s four files but not "
                f"{', '.join(self._missing)}; add the missing files or remove the others"
            )
        arrays: ImageArrays
        origins: dict[Part, str]
        if self.place.suffix == ".npz":
            arrays = {part: _npz_array(self.place, key) for part, key in _NPZ_KEYS.items()}
            origins = {part: f"{key} in {self.place}" for part, key in _NPZ_KEYS.items()}
        else:
            arrays = {part: read_idx(path) for part, path in self.paths.items()}
            origins = {part: str(path) for part, path in self.paths.items()}
        return self.published.checked(arrays, origins, REMEDY)

    @property
    def _missing(self) -> list[str]:
        return [f"{name}.gz" for part, name in IDX_NAMES.items() if part not in self.paths]


def find_files(published: PublishedSet, home: Path) -> PublishedFiles | None:
    """The files of this set in the data folder: four IDX files, else an npz, else some IDX."""
    folders = [home / folder for folder in published.folders]
    found = [PublishedFiles(published, folder, _idx_paths(folder)) for folder in folders]
    archives = [home / folder / f"{published.name}.npz" for folder in (published.name, "")]
    whole = [files for files in found if len(files.paths) == len(PARTS)]
    whole += [
        PublishedFiles(published, archive, dict.fromkeys(PARTS, archive))
        for archive in archives
        if archive.is_file()
    ]
    return next((files for files in [*whole, *found] if files.paths), None)


def _npz_array(archive: Path, key: str) -> PixelArray:
    try:
        # Opened here, because np.load leaves a file open that it cannot read.
        with archive.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return as_bytes(arrays[key])
    # NumPy passes on all errors of zipfile, zlib and its own parsers.
    except Exception as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{key} in {archive} cannot be read ({reason}); {REMEDY}") from error


def _idx_paths(folder: Path) -> dict[Part, Path]:
    return {part: path for part, name in IDX_NAMES.items() if (path := _first_file(folder, name))}


def _first_file(folder: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # as in Kaggle's archive
    candidates = (folder / f"{stem}{end}" for stem in (name, dotted) for end in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)
