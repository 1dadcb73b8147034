"""MNIST and Fashion-MNIST from OpenML, through scikit-learn's client."""

import importlib.util
import logging
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.datasets.image_files import IDX_NAMES
from experiments.datasets.image_set import PARTS, SIDE, ImageArrays, Part, PublishedSet, as_bytes
from experiments.errors import DatasetError
from nnscratch.typing import PixelArray

_LOGGER = logging.getLogger(__name__)
_TRAINING = 60_000
_PIXELS = SIDE * SIDE
_SECONDS_OF_SILENCE = 20.0


@dataclass(frozen=True)
class OpenML:
    """A published set on OpenML: 70,000 rows, the official test images last."""

    published: PublishedSet
    home: Path

    @property
    def fingerprint(self) -> str:
        return self.published.fingerprint

    @property
    def origin(self) -> str:
        return f"https://www.openml.org/d/{self.published.openml_id}"

    def read(self, scratch: Path | None) -> ImageArrays:
        """The arrays, checked.

        Raises ``DatasetError``, which says what was tried, where to put files, and which data set
        needs no files.
        """
        title, name = self.published.title, self.published.openml_name
        description = f"openml.org/api/v1/json/data/{self.published.openml_id}.gz"
        if (_cache_of_scikit_learn() / description).is_file():
            _LOGGER.info("Reading %s from the cache of scikit-learn …", title)
        else:
            _LOGGER.info("Downloading %s from OpenML (once; it takes a minute or more) …", title)
        pixels, labels = self._fetched(scratch)
        _LOGGER.info("%s is complete", title)
        arrays: ImageArrays = {
            "train_images": pixels[:_TRAINING],
            "train_labels": labels[:_TRAINING],
            "test_images": pixels[_TRAINING:],
            "test_labels": labels[_TRAINING:],
        }
        origins: dict[Part, str] = {
            part: f"OpenML's {name} ({part.replace('_', ' ')})" for part in PARTS
        }
        return self.published.checked(arrays, origins, self._remedy())

    def _fetched(self, scratch: Path | None) -> tuple[PixelArray, PixelArray]:
        """Pixels (70000, 784) and labels (70000,)."""
        try:
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                _link_cache(Path(folder))
                bunch = _fetch(self.published.openml_id, Path(folder))
            labels = np.char.strip(np.asarray(bunch.target, str), "'\"")  # ARFF may quote them
            return as_bytes(bunch.data), as_bytes(labels)
        # The client passes on all errors of its parsers and of the network.
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise DatasetError(
                f"{self.published.title} is not cached, neither its four IDX files nor "
                f"{self.published.name}.npz are in {self.home} or two folders below, and OpenML "
                "did not deliver "
                f"{self.published.openml_name} ({reason}); {self._remedy()}"
            ) from error

    def _remedy(self) -> str:
        names = ", ".join(f"{name}.gz" for name in IDX_NAMES.values())
        return (
            f"put {names} (or {self.published.name}.npz) into {self.home / self.published.name}, "
            "or use data=digits, which needs no file and no network"
        )


def _cache_of_scikit_learn() -> Path:
    """Where scikit-learn keeps what it downloaded from OpenML for anybody else."""
    home = os.environ.get("SCIKIT_LEARN_DATA") or "~/scikit_learn_data"
    return Path(home).expanduser() / "openml"


def _link_cache(folder: Path) -> None:
    """Lets the client find that cache in ``folder`` by links: it may not be changed."""
    with suppress(OSError, shutil.Error):
        shutil.copytree(_cache_of_scikit_learn(), folder / "openml", copy_function=_link)


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).absolute())


def _fetch(openml_id: int, folder: Path) -> Any:
    from sklearn.datasets import fetch_openml  # here: 1.5 s, which only the first run needs

    # The client's "auto" needs pandas. The other parser is slower but always installed.
    parser = "pandas" if importlib.util.find_spec("pandas") else "liac-arff"
    # Without these types pandas takes 1.1 GB instead of 0.7, and with pandas 3.1 the client
    # fails on numeric labels (scikit-learn pull request 34902).
    types = {**dict.fromkeys(range(_PIXELS), np.float32), _PIXELS: str}
    with _time_limit(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Retrying...": the final error is enough
        return fetch_openml(
            data_id=openml_id,
            as_frame=False,
            data_home=folder,
            n_retries=1,
            delay=0.5,
            parser=parser,
            read_csv_kwargs={"dtype": types},
        )


@contextmanager
def _time_limit() -> Iterator[None]:
    """Ends the wait for a silent server, because the client has no time limit."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS_OF_SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
