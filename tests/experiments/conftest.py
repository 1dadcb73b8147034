"""What the tests of the data sets share: a private data folder, and MNIST unpacked once."""

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_cluster import ray_cluster  # noqa: F401
from servers import mlflow_server, open_folder, postgres  # noqa: F401
from unipen import drawings, unipen


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder of this test, empty; the user's cache folder lies beside it."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("NNSCRATCH_DATA", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user_cache"))
    yield folder
    shutil.rmtree(tmp_path)  # 55 MB that pytest would keep for three more sessions


@pytest.fixture(scope="session")
def plain_mnist(mnist_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The four original files, unpacked."""
    folder = tmp_path_factory.mktemp("plain_mnist")
    for file in (mnist_folder / "mnist").glob("*ubyte.gz"):
        (folder / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def strokes(home: Path, plain_mnist: Path) -> Path:
    """A file of five writers, in a data folder with MNIST."""
    (home / "mnist").symlink_to(plain_mnist)
    path = home / "people.tra"
    path.write_text(unipen(drawings(5)))
    return path
