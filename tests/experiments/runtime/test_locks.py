"""Locks between processes: one holder at a time, until it releases it or dies."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.runtime.locks import Lock

HOLDER = """
import pathlib, sys, time
from experiments.runtime.locks import Lock
assert Lock(pathlib.Path(sys.argv[1])).take()
print("holds it", flush=True)
time.sleep(600)
"""


def test_the_death_of_its_holder_frees_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock.file)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert not lock.take()
        assert lock.holder == str(holder.pid)
        holder.kill()
    assert lock.take(patience=240)
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_it_does_not_bring_a_removed_folder_back(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    lock, other = Lock(folder / "lock"), Lock(folder / "lock")
    assert lock.take()
    assert not other.take()
    shutil.rmtree(folder)
    lock.release()
    with pytest.raises(FileNotFoundError):
        other.take()
    assert not folder.exists()
