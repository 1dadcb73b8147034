"""The cache: shared, never half, made once, made anew when damaged, and never where it may not."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from experiments.datasets import Splits, embedded_digits, load
from experiments.errors import DatasetError

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
FILES = {"contents.json", *(f"{name}.npy" for name in ARRAYS)}

# Loads mnist and reads all of it; prints the digest, which file it was, and the private memory.
WORKER = """
import os
from pathlib import Path
from experiments.datasets import load

mnist = load("mnist", val_fraction=0.1, seed=0)
for part in (mnist.train, mnist.validation, mnist.test):
    part.inputs.max()
inode = os.stat(Path(os.environ["NNSCRATCH_DATA"]) / "cached" / "mnist" / "train_images.npy").st_ino
print(mnist.digest, inode)
smaps = Path("/proc/self/smaps")
if smaps.exists():
    for mapping in smaps.read_text().split("VmFlags")[:-1]:
        if "train_images.npy" in mapping:
            facts = dict(line.split(":", 1) for line in mapping.splitlines() if line.endswith("kB"))
            print(*(int(facts[key].split()[0]) for key in ("Rss", "Private_Dirty", "Anonymous")))
"""


def _load(name: str = "mnist") -> Splits:
    return load(name, val_fraction=0.1, seed=0)


@pytest.fixture
def mnist_home(home: Path, plain_mnist: Path) -> Path:
    (home / "mnist").symlink_to(plain_mnist)
    return home


@pytest.fixture
def entry(mnist_home: Path) -> Path:
    """The cache entry of MNIST, just made."""
    _load()
    return mnist_home / "cached" / "mnist"


@pytest.fixture
def nowhere_to_write(home: Path, tmp_path: Path) -> Iterator[None]:
    for folder in (home, tmp_path):
        folder.chmod(0o555)
    yield
    for folder in (home, tmp_path):
        folder.chmod(0o755)


def _workers(number: int) -> list[list[str]]:
    """The lines that each of so many processes printed, which started at once."""
    command = [sys.executable, "-c", WORKER]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * number
    return [output.splitlines() for output in outputs]


def test_an_entry_is_four_arrays_and_a_note(entry: Path) -> None:
    assert {path.name for path in entry.iterdir()} == FILES
    assert {path.name for path in entry.parent.iterdir()} == {"mnist", "mnist.lock"}
    images = np.load(entry / "train_images.npy", mmap_mode="r")
    assert (images.shape, images.dtype) == ((60_000, 784), np.uint8)


def test_processes_at_once_make_it_once_and_share_it(mnist_home: Path) -> None:
    printed = _workers(4)
    digests_and_files = {lines[0] for lines in printed}
    assert len(digests_and_files) == 1
    if len(printed[0]) > 1:
        for lines in printed:
            rss, private_dirty, anonymous = (int(number) for number in lines[1].split())
            # The whole 47 MB were read, and none of them are this process's own.
            assert rss > 45_000
            assert private_dirty == anonymous == 0


def test_a_cached_set_needs_no_source(entry: Path, mnist_home: Path) -> None:
    digest = _load().digest
    (mnist_home / "mnist").unlink()
    assert _load().digest == digest


def test_a_moved_cache_is_verified_and_used(entry: Path, mnist_home: Path) -> None:
    (mnist_home / "mnist").unlink()
    shutil.copytree(entry, mnist_home / "copy", copy_function=shutil.copyfile)
    shutil.rmtree(entry)
    (mnist_home / "copy").rename(entry)
    before = {path: path.stat().st_ino for path in entry.iterdir()}
    assert len(_load().train) == 54_001
    assert before == {path: path.stat().st_ino for path in entry.iterdir()}


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def _flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"\x09\x08")


def _wrong_header(path: Path) -> None:
    path.write_bytes(b"not a header" + path.read_bytes()[12:])


def _other_type(path: Path) -> None:
    np.save(path, np.load(path).astype(np.int16))


def _other_shape(path: Path) -> None:
    np.save(path, np.load(path)[:-1])


DAMAGES = [_truncate, _lengthen, _flip, _wrong_header, _other_type, _other_shape, Path.unlink]
DAMAGED = [("test_images.npy", damage) for damage in DAMAGES]
DAMAGED += [("train_labels.npy", _flip), ("contents.json", _truncate)]


@pytest.mark.parametrize(("name", "damage"), DAMAGED)
def test_a_damaged_cache_is_made_anew_and_said_by_name(
    name: str, damage: Callable[[Path], None], entry: Path, caplog: pytest.LogCaptureFixture
) -> None:
    digest = _load().digest
    damage(entry / name)
    assert _load().digest == digest
    assert str(entry / name) in caplog.text
    caplog.clear()
    assert _load().digest == digest
    assert not caplog.text
    assert {path.name for path in entry.parent.iterdir()} == {"mnist", "mnist.lock"}


@pytest.mark.parametrize("missing", ["digest", "fingerprint", "parts"])
def test_an_incomplete_note_is_a_damage(missing: str, entry: Path) -> None:
    note = entry / "contents.json"
    facts = json.loads(note.read_text())
    note.write_text(json.dumps({key: value for key, value in facts.items() if key != missing}))
    assert len(_load().train) == 54_001
    assert missing in json.loads(note.read_text())


def test_a_damaged_cache_without_a_source_is_refused_by_name(
    entry: Path, plain_mnist: Path, mnist_home: Path
) -> None:
    (mnist_home / "mnist").unlink()
    (mnist_home / "train-images-idx3-ubyte").symlink_to(plain_mnist / "train-images-idx3-ubyte")
    _truncate(entry / "test_images.npy")
    with pytest.raises(DatasetError) as refused:
        _load()
    assert str(entry / "test_images.npy") in str(refused.value)
    assert "t10k-images-idx3-ubyte.gz" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_read_only_is_left_alone(
    mnist_home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mnist_home.chmod(0o555)
    first, second = _load(), _load()
    mnist_home.chmod(0o755)
    assert [path.name for path in mnist_home.iterdir()] == ["mnist"]
    assert (tmp_path / "user_cache" / "nnscratch" / "cached" / "mnist").is_dir()
    assert first.digest == second.digest
    assert isinstance(second.test.inputs.base, np.memmap)
    assert not caplog.text


@pytest.mark.parametrize("name", ["mnist", "digits"])
def test_without_any_folder_to_write_it_stays_in_memory(
    name: str,
    mnist_home: Path,
    nowhere_to_write: None,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    loaded = _load(name)
    assert len(loaded.train) > len(loaded.test) > 0
    assert "no cache" in caplog.text
    assert not list(tmp_path.rglob("*.npy"))


def test_a_full_disk_costs_the_cache_only(
    mnist_home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert len(_load().train) == 54_001
    assert "No space left" in caplog.text
    assert [path.name for path in (mnist_home / "cached").iterdir()] == ["mnist.lock"]


def test_the_default_folder_is_the_users_cache(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNSCRATCH_DATA")
    _load("digits")
    assert (tmp_path / "user_cache" / "nnscratch" / "cached" / "digits").is_dir()


def test_a_data_folder_that_is_a_file_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("NNSCRATCH_DATA", str(home / "file"))
    with pytest.raises(DatasetError, match=r"NNSCRATCH_DATA=.*file is not a folder"):
        _load()


def test_digits_of_an_older_presentation_are_made_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load("digits")
    made = home / "cached" / "digits" / "contents.json"
    before = made.stat().st_ino, made.read_bytes()
    _load("digits")
    assert (made.stat().st_ino, made.read_bytes()) == before
    monkeypatch.setattr(embedded_digits, "version", lambda package: "another")
    _load("digits")
    assert made.read_bytes() != before[1]


def test_progress_is_logged_and_not_printed(
    entry: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _load()
    assert capsys.readouterr() == ("", "")
    assert not caplog.text
