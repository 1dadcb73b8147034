"""Every usual format is read; every wrong file is refused with its name."""

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.datasets import Splits, load
from experiments.datasets.idx import read_idx
from experiments.datasets.image_search import find_files
from experiments.datasets.image_set import FASHION_MNIST, MNIST, PARTS, PublishedSet, idx_checksum
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
    """Ten classes of equal size, in the format of Fashion-MNIST: other pictures."""
    folder.mkdir(parents=True)
    for images, labels, n in (
        (TRAIN_IMAGES, TRAIN_LABELS, 60_000),
        (TEST_IMAGES, TEST_LABELS, 10_000),
    ):
        (folder / images).write_bytes(_idx(np.full((n, 28, 28), 7, np.uint8)))
        (folder / labels).write_bytes(_idx((np.arange(n) % 10).astype(np.uint8)))
    return folder


def _known(folder: Path) -> PublishedSet:
    """The set in these files, as if they were Fashion-MNIST's."""
    arrays = dict(zip(PARTS, map(read_idx, map(folder.joinpath, NAMES)), strict=True))
    return replace(FASHION_MNIST, checksums={p: idx_checksum(a) for p, a in arrays.items()})


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


def test_kaggles_names_and_a_mix_of_gz_and_plain_files_are_read(
    home: Path, plain_mnist: Path, mnist_folder: Path
) -> None:
    for name in NAMES[:2]:
        (home / name.replace("-idx", ".idx")).symlink_to(plain_mnist / name)
    for name in NAMES[2:]:
        (home / f"{name}.gz").symlink_to(mnist_folder / "mnist" / f"{name}.gz")
    assert _load().digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize("place", ["MNIST/raw", "data/mnist", "data/of my own", "cached_by_me"])
def test_idx_files_are_found_two_folders_below(place: str, home: Path, plain_mnist: Path) -> None:
    """In a folder with the name of the set, as torchvision has it, or by their contents."""
    _linked(home / place, plain_mnist)
    assert _load().digest.startswith(MNIST_DIGEST)
    assert _load().origin == (home / place).as_uri()


def test_kaggles_folders_with_the_names_of_their_files_are_read(
    home: Path, plain_mnist: Path
) -> None:
    for name in NAMES:
        (home / "archive" / name).mkdir(parents=True)
        (home / "archive" / name / name).symlink_to(plain_mnist / name)
    assert _load().digest.startswith(MNIST_DIGEST)


def test_idx_files_of_another_set_or_deeper_down_are_not_taken(
    home: Path, plain_mnist: Path
) -> None:
    _linked(home / "a" / "b" / "c", plain_mnist)
    _linked(home / ".hidden" / "mnist", plain_mnist)
    _fashion(home / "KMNIST" / "raw")
    assert find_files(MNIST, home) is None
    _linked(home / "data" / "MNIST", plain_mnist)
    assert _load().digest.startswith(MNIST_DIGEST)


def test_a_gz_that_a_browser_unpacked_is_read(home: Path, plain_mnist: Path) -> None:
    for name in NAMES:
        (home / f"{name}.gz").symlink_to(plain_mnist / name)
    assert _load().digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize("place", ["mnist", ".", "datasets"])
def test_keras_npz_is_read(place: str, home: Path, arrays: dict[str, np.ndarray]) -> None:
    _save(home / place / "mnist.npz", arrays)
    assert _load().digest.startswith(MNIST_DIGEST)


def test_an_npz_with_wide_integers_is_read(home: Path, arrays: dict[str, np.ndarray]) -> None:
    _save(home / "mnist.npz", arrays | {"y_train": arrays["y_train"].astype(np.int64)})
    assert _load().digest.startswith(MNIST_DIGEST)


def test_an_npz_with_other_names_is_read_by_the_shapes(
    home: Path, arrays: dict[str, np.ndarray]
) -> None:
    names = ("training_images", "training_labels", "test_images", "test_labels")
    renamed: dict[str, np.ndarray] = dict(zip(names, arrays.values(), strict=True))
    renamed["training_images"] = renamed["training_images"].reshape(-1, 784)
    _save(home / "mnist.npz", renamed)
    assert _load().digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\0\0\x08\x41" + bytes(4 * 65), "not an IDX file"),  # 65 dimensions
        (bytes(10 + 60_000 * 784), "not an IDX file"),
        (bytes(99 + 60_000 * 784), "more than 47,040,016 bytes"),
        (gzip.compress(bytes(1 << 28), 1), "more than 47,040,016 bytes"),
    ],
    ids=["65 dimensions", "zeros", "larger", "unpacks to more"],
)
def test_a_file_is_read_only_as_far_as_a_set_may_go(
    content: bytes, complaint: str, home: Path, plain_mnist: Path
) -> None:
    path = _replaced(_linked(home / "mnist", plain_mnist) / TEST_LABELS, content)
    tracemalloc.start()
    message = _refusal()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(path) in message
    assert complaint in message
    assert peak < 200_000_000


@pytest.mark.parametrize(
    ("name", "damage", "complaint"),
    [
        (TRAIN_IMAGES, lambda content: content[:-1], "truncated"),
        (TRAIN_IMAGES, lambda content: content + b"\0", "too long"),
        (TRAIN_IMAGES, lambda content: content[:9], "not an IDX file"),
        (TEST_LABELS, lambda content: b"", "not an IDX file"),
        (TEST_IMAGES, lambda content: b"<!DOCTYPE html><title>404</title>", "it is a web page"),
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
def test_a_damaged_file_is_refused_with_its_name(
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
def test_swapped_files_are_refused_with_their_names(
    first: str, second: str, home: Path, plain_mnist: Path
) -> None:
    folder = _linked(home, plain_mnist)
    (folder / first).rename(folder / "aside")
    (folder / second).rename(folder / first)
    (folder / "aside").rename(folder / second)
    assert str(folder / first) in _refusal()


def test_a_folder_in_the_place_of_a_file_counts_as_missing(home: Path, plain_mnist: Path) -> None:
    folder = _linked(home, plain_mnist)
    (folder / TEST_LABELS).unlink()
    (folder / TEST_LABELS).mkdir()
    assert f"not {TEST_LABELS}.gz; add the missing files" in _refusal()


def test_an_incomplete_set_is_refused_with_the_missing_names(home: Path, plain_mnist: Path) -> None:
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
        (
            lambda arrays: {"x_train": arrays["x_train"]},
            "(60000, 28, 28); MNIST is",
        ),
        (lambda arrays: arrays | {"x_train": arrays["x_test"]}, "holds x_train uint8 (10000, 28"),
        (
            lambda arrays: {"y": arrays["y_test"], "z": arrays["y_test"]},
            "holds y uint8 (10000,), ",
        ),
        (lambda arrays: arrays | {"y_test": arrays["y_test"][::-1]}, "y_test in"),
        (lambda arrays: arrays | {"x_test": arrays["x_test"] / 255}, "x_test in"),
        (lambda arrays: arrays | {"y_test": arrays["y_test"] + 0.5}, "y_test in"),
        (lambda arrays: arrays | {"y_test": np.full(10_000, np.nan)}, "y_test in"),
        (lambda arrays: arrays | {"y_test": arrays["y_test"].astype(object)}, "y_test in"),
    ],
)
def test_a_wrong_array_in_an_npz_is_refused_with_what_the_file_holds(
    change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]],
    complaint: str,
    home: Path,
    arrays: dict[str, np.ndarray],
) -> None:
    path = home / "mnist.npz"
    _save(path, change(arrays))
    message = _refusal()
    assert str(path) in message
    assert complaint in message


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x93NUMPY\x01\0"])
def test_a_file_that_is_not_an_npz_is_refused_with_its_name(content: bytes, home: Path) -> None:
    (home / "mnist.npz").write_bytes(content)
    assert f"{home / 'mnist.npz'} cannot be read" in _refusal()


def test_a_truncated_npz_is_refused_with_its_name(
    home: Path, arrays: dict[str, np.ndarray]
) -> None:
    path = home / "mnist.npz"
    _save(path, arrays)
    with path.open("r+b") as file:
        file.truncate(30_000_000)
    assert str(path) in _refusal()


@pytest.mark.parametrize("place", ["fashion_mnist", "fashion-mnist", "FashionMNIST/raw"])
def test_fashion_mnist_is_found_beside_mnist(place: str, home: Path, plain_mnist: Path) -> None:
    _linked(home, plain_mnist)
    folder = _fashion(home / place)
    files = find_files(_known(folder), home)
    assert files is not None
    assert files.place == folder
    assert files.read(None)["test_images"].max() == 7
    assert _load("mnist").digest.startswith(MNIST_DIGEST)


@pytest.mark.parametrize("place", ["fashion_mnist", "fashion-mnist", "FashionMNIST/raw"])
def test_any_ten_equal_classes_are_not_fashion_mnist(place: str, home: Path) -> None:
    folder = _fashion(home / place)
    message = _refusal("fashion_mnist")
    assert f"{folder / TRAIN_IMAGES} has the right shape, but" in message
    assert "expected f4a8712d" in message


def test_the_checksums_of_idx_files_are_those_that_are_published(plain_mnist: Path) -> None:
    """Of MNIST, as the data of Fashion-MNIST are not here."""
    published = {
        TRAIN_IMAGES: "6bbc9ace898e44ae57da46a324031adb",
        TRAIN_LABELS: "a25bea736e30d166cdddb491f175f624",
    }
    for name, known in published.items():
        array = read_idx(plain_mnist / name)
        assert idx_checksum(array) == known
        assert idx_checksum(array.reshape(60_000, -1).squeeze()) == known


def test_fashion_mnist_is_never_loaded_as_mnist(home: Path) -> None:
    _fashion(home / "mnist")
    assert f"{home / 'mnist' / TRAIN_IMAGES} has the right shape, but" in _refusal("mnist")


def test_mnist_is_never_loaded_as_fashion_mnist(home: Path, plain_mnist: Path) -> None:
    _linked(home / "fashion_mnist", plain_mnist)
    assert f"{home / 'fashion_mnist' / TRAIN_IMAGES} has the right shape, but" in _refusal(
        "fashion_mnist"
    )
