"""Where the files of a published set are: its usual places, and where other programs put them."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from experiments.datasets.idx import read_idx
from experiments.datasets.image_files import IDX_NAMES, PublishedFiles
from experiments.datasets.image_set import PARTS, Part, PublishedSet
from experiments.errors import DatasetError

_LEVELS = 2  # below the data folder
_MOST_FOLDERS = 1000  # that are searched: the data folder may be a whole home folder


def find_files(published: PublishedSet, home: Path) -> PublishedFiles | None:
    """The files of this set: in its usual places, else up to two folders below ``home``.

    Four IDX files come first, then an npz, then some of the IDX files. Elsewhere, IDX files belong
    to the set if a folder has its name, as in ``FashionMNIST/raw``, or if their training labels are
    its own: the files of several sets have the same names.
    """
    usual = [
        *(_in_folder(published, home / folder) for folder in published.folders),
        *(_npz(published, home / place) for place in (published.name, "")),
    ]
    found = [files for files in usual if files.paths]
    if all(files.missing for files in found):
        found += _elsewhere(published, home)
    return min(found, key=lambda files: bool(files.missing), default=None)


def _in_folder(published: PublishedSet, folder: Path) -> PublishedFiles:
    paths: dict[Part, Path] = {
        part: path for part, name in IDX_NAMES.items() if (path := _first_file(folder, name))
    }
    return PublishedFiles(published, folder, paths)


def _npz(published: PublishedSet, folder: Path) -> PublishedFiles:
    archive = folder / f"{published.name}.npz"
    parts: tuple[Part, ...] = PARTS if archive.is_file() else ()
    return PublishedFiles(published, archive, dict.fromkeys(parts, archive))


def _elsewhere(published: PublishedSet, home: Path) -> Iterator[PublishedFiles]:
    for folder in _below(home):
        files = _in_folder(published, folder)
        named = _plain(published.name) in map(_plain, folder.relative_to(home).parts)
        if files.paths and (named or _has_labels(files)):
            yield files
        archive = _npz(published, folder)
        if archive.paths:
            yield archive


def _below(home: Path) -> Iterator[Path]:
    """The folders up to two levels below ``home``, without hidden ones and the cache."""
    for folder, inner, _ in islice(os.walk(home, followlinks=True), _MOST_FOLDERS):
        path = Path(folder)
        deepest = len(path.relative_to(home).parts) == _LEVELS
        inner[:] = sorted(n for n in inner if not deepest and n[0] != "." and n != "cached")
        yield path


def _has_labels(files: PublishedFiles) -> bool:
    """Whether the training labels are those of the set; they are small."""
    try:
        return files.published.is_part("train_labels", read_idx(files.paths["train_labels"]))
    except (KeyError, DatasetError):
        return False


def _plain(name: str) -> str:
    """``fashionmnist`` for fashion_mnist, fashion-mnist and FashionMNIST."""
    return name.lower().replace("_", "").replace("-", "")


def _first_file(folder: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # Kaggle's archive has such files, or folders NAME/NAME
    places = [(stem, f"{stem}.gz", f"{stem}/{stem}") for stem in (name, dotted)]
    return next((path for p in sum(places, ()) if (path := folder / p).is_file()), None)
