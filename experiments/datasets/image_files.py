"""The usual files of MNIST: four IDX files, or one npz."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.datasets.idx import REMEDY, read_idx
from experiments.datasets.image_archive import read_archive
from experiments.datasets.image_set import ImageArrays, Part, PublishedSet
from experiments.errors import DatasetError

IDX_NAMES: dict[Part, str] = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


@dataclass(frozen=True)
class PublishedFiles:
    """The files of a published set: an npz holds all parts, an IDX file, gzipped or not, one.

    Parts may be missing. Whoever put the others there does not expect a download.
    """

    published: PublishedSet
    place: Path  # the folder of the IDX files, or the npz
    paths: Mapping[Part, Path]

    @property
    def fingerprint(self) -> str:
        return self.published.fingerprint

    @property
    def origin(self) -> str:
        return self.place.as_uri()

    def read(self, scratch: Path | None) -> ImageArrays:
        if self.missing:
            raise DatasetError(
                f"{self.place} holds some of {self.published.title}'s four files but not "
                f"{', '.join(self.missing)}; add the missing files or remove the others"
            )
        if self.place.suffix == ".npz":
            return read_archive(self.published, self.place)
        arrays: ImageArrays = {part: read_idx(path) for part, path in self.paths.items()}
        origins: dict[Part, str] = {part: str(path) for part, path in self.paths.items()}
        return self.published.checked(arrays, origins, REMEDY)

    @property
    def missing(self) -> list[str]:
        """The names of the files that are not there."""
        return [f"{name}.gz" for part, name in IDX_NAMES.items() if part not in self.paths]
