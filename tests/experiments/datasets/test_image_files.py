"""Files that people have: every format is read, every wrong file is refused by its name."""

import gzip
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.datasets import Splits, load
from experiments.errors import DatasetError

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
MNIST_DIGEST = "06b0d1f124c4"


def _load(name: str = "mnist") -> Splits:
    return load(name, val_fraction=0.1, seed=0)


def _refusal(name: str = "mnist") -> str:
    with pytest.raises(DatasetError) as refused:
        _load(name)
    message = str(refused.value)
    assert "\n" not in message
    return message


def _linked(folder: Path, plain_mnist: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (folder / name).symlink_to(plain_mnist / name)
    return folder


def _replaced(path: Path, content: bytes) -> Path:
    path.unlink()
    path.write_bytes(content)
    return path


def _idx(array: np.ndarray) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture(scope="session")
def arrays(plain_mnist: Path) -> dict[str, np.ndarray]:
    """MNIST under the names that Keras gives it."""
    keys = dict(zip(("x_train", "y_train", "x_test", "y_test"), NAMES, strict=True))
    raw = {key: (plain_mnist / name).read_bytes() for key, name in keys.items()}
    return {
        key: np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28)
        if key.startswith("x")
        else np.frombuffer(content, np.uint8, offset=8)
        for key, content in raw.items()
    }


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(exist_ok=True)
    np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]


def _fashion(folder: Path) -> Path:
    """Stands in for Fashion-MNIST: its counts and shapes, other pictures."""
    folder.mkdir(parents=True)
    for images, labels, n in (
        (TRAIN_IMAGES, TRAIN_LABELS, 60_000),
        (TEST_IMAGES, TEST_LABELS, 10_000),
    ):
        (folder / images).write_bytes(_idx(np.full((n, 28, 28), 7, np.uint8)))
        (folder / labels).write_bytes(_idx((np.arange(n) % 10).astype(np.uint8)))
    return folder


@pytest.mark.parametrize("place", ["mnist", "."])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_are_found_in_the_folder_and_in_its_subfolder(
    place: str, suffix: str, home: Path, plain_mnist: Path, mnist_folder: Path
) -> None:
    source = mnist_folder / "mnist" if suffix else plain_mnist
    (home / place).mkdir(exist_ok=True)
    for name in NAMES:
        (home / place / f"{name}{suffix}").symlink_to(source / f"{name}{suffix}")
    assert _load().digest.startswith(MNIST_DIGEST)


def test_kaggles_spelling_and_a_mixture_of_gz_and_plain_are_read(
    home: Path, plain_mnist: Path, mnist_folder: Path
) -> None:
    for name in NAMES[:2]:
        (home / name.replace("-idx", ".idx")).symlink_to(plain_mnist / name)
    for name in NAMES[2:]:
        (home / f"{name}.gz").symlink_to(mnist_folder / "mnist" / f"{name}.gz")
    assert _load().digest.startswith(MNIST_DIGEST)


def test_a_gz_that_a_browser_unpacked_is_read(home: Path, plain_mnist: Path) -> None:
    for name in NAMES:
        (home / f"{name}.gz").symlink_to(plain_mnist / name)
    assert _load().digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize("place", ["mnist", "."])
def test_keras_npz_is_read(place: str, home: Path, arrays: dict[str, np.ndarray]) -> None:
    _save(home / place / "mnist.npz", arrays)
    assert _load().digest.startswith(MNIST_DIGEST)


def test_an_npz_with_wide_integers_is_read(home: Path, arrays: dict[str, np.ndarray]) -> None:
    _save(home / "mnist.npz", arrays | {"y_train": arrays["y_train"].astype(np.int64)})
    assert _load().digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize(
    ("name", "damage", "complaint"),
    [
        (TRAIN_IMAGES, lambda content: content[:-1], "truncated"),
        (TRAIN_IMAGES, lambda content: content + b"\0", "too long"),
        (TRAIN_IMAGES, lambda content: content[:9], "not an IDX file"),
        (TEST_LABELS, lambda content: b"", "not an IDX file"),
        (TEST_IMAGES, lambda content: b"<!DOCTYPE html><title>404</title>", "not an IDX file"),
        (TEST_IMAGES, lambda content: b"\0\0\x0d" + content[3:], "not an IDX file"),
        (TEST_IMAGES, lambda content: content[:-5] + b"\x55" + content[-4:], "not MNIST's"),
        (TRAIN_LABELS, lambda content: content[:8] + content[:7:-1], "not MNIST's"),
        (TEST_LABELS, lambda content: content[:-1] + b"\x09", "labels 0, 1"),
        (TEST_LABELS, lambda content: content[:-1] + b"\xff", "the label 255"),
        (TEST_LABELS, lambda content: gzip.compress(content)[:-9], "cannot be read"),
        (TEST_LABELS, lambda content: gzip.compress(content)[:-8] + b"\1" * 8, "cannot be read"),
        (TEST_LABELS, lambda content: gzip.compress(content)[:99] + b"\1" * 99, "cannot be read"),
    ],
)
def test_a_damaged_file_is_refused_by_name(
    name: str, damage: Callable[[bytes], bytes], complaint: str, home: Path, plain_mnist: Path
) -> None:
    path = _linked(home / "mnist", plain_mnist) / name
    _replaced(path, damage((plain_mnist / name).read_bytes()))
    message = _refusal()
    assert str(path) in message
    assert complaint in message
    assert "replace it" in message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TRAIN_IMAGES, TEST_IMAGES),
        (TRAIN_LABELS, TEST_LABELS),
        (TRAIN_IMAGES, TRAIN_LABELS),
    ],
)
def test_swapped_files_are_refused_by_name(
    first: str, second: str, home: Path, plain_mnist: Path
) -> None:
    folder = _linked(home, plain_mnist)
    (folder / first).rename(folder / "aside")
    (folder / second).rename(folder / first)
    (folder / "aside").rename(folder / second)
    assert str(folder / first) in _refusal()


def test_a_folder_in_a_files_place_counts_as_missing(home: Path, plain_mnist: Path) -> None:
    folder = _linked(home, plain_mnist)
    (folder / TEST_LABELS).unlink()
    (folder / TEST_LABELS).mkdir()
    assert f"not {TEST_LABELS}.gz; add what is missing" in _refusal()


def test_an_incomplete_set_is_refused_naming_what_is_missing(home: Path, plain_mnist: Path) -> None:
    folder = _linked(home / "mnist", plain_mnist)
    (folder / TEST_IMAGES).unlink()
    (folder / TEST_LABELS).unlink()
    message = _refusal()
    assert f"{folder} holds some" in message
    assert f"{TEST_IMAGES}.gz, {TEST_LABELS}.gz" in message
    assert TRAIN_IMAGES not in message


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda arrays: {"x_train": arrays["x_train"]}, "y_train"),
        (lambda arrays: arrays | {"y_test": arrays["y_test"][::-1]}, "y_test"),
        (lambda arrays: arrays | {"x_train": arrays["x_test"]}, "x_train"),
        (lambda arrays: arrays | {"x_test": arrays["x_test"] / 255}, "x_test"),
        (lambda arrays: arrays | {"y_test": arrays["y_test"] + 0.5}, "y_test"),
        (lambda arrays: arrays | {"y_test": np.full(10_000, np.nan)}, "y_test"),
        (lambda arrays: arrays | {"y_test": arrays["y_test"].astype(object)}, "y_test"),
    ],
)
def test_a_wrong_array_in_an_npz_is_refused_by_name(
    change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]],
    complaint: str,
    home: Path,
    arrays: dict[str, np.ndarray],
) -> None:
    path = home / "mnist.npz"
    _save(path, change(arrays))
    assert f"{complaint} in {path}" in _refusal()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x93NUMPY\x01\0"])
def test_a_file_that_is_no_npz_is_refused_by_name(content: bytes, home: Path) -> None:
    (home / "mnist.npz").write_bytes(content)
    assert f"{home / 'mnist.npz'} cannot be read" in _refusal()


def test_a_truncated_npz_is_refused_by_name(home: Path, arrays: dict[str, np.ndarray]) -> None:
    path = home / "mnist.npz"
    _save(path, arrays)
    with path.open("r+b") as file:
        file.truncate(30_000_000)
    assert str(path) in _refusal()


def test_fashion_mnist_and_mnist_lie_side_by_side(home: Path, plain_mnist: Path) -> None:
    _linked(home, plain_mnist)
    _fashion(home / "fashion_mnist")
    fashion = _load("fashion_mnist")
    assert (len(fashion.test), fashion.classes) == (10_000, 10)
    assert fashion.train.inputs.max() == 7
    assert fashion.digest != _load("mnist").digest


def test_fashion_mnist_is_never_taken_for_mnist(home: Path) -> None:
    _fashion(home / "mnist")
    assert f"{home / 'mnist' / TRAIN_IMAGES} has the right shape, but" in _refusal("mnist")


def test_mnist_is_never_taken_for_fashion_mnist(home: Path, plain_mnist: Path) -> None:
    _linked(home / "fashion_mnist", plain_mnist)
    assert f"{home / 'fashion_mnist' / TRAIN_LABELS} holds (5923, " in _refusal("fashion_mnist")


def test_changed_fashion_files_are_read_again(home: Path) -> None:
    folder = _fashion(home / "fashion_mnist")
    before = _load("fashion_mnist").digest
    (folder / TEST_IMAGES).write_bytes(_idx(np.full((10_000, 28, 28), 9, np.uint8)))
    after = _load("fashion_mnist")
    assert after.digest != before
    assert after.test.inputs.max() == 9
    shutil.rmtree(folder)
    assert _load("fashion_mnist").digest == after.digest
