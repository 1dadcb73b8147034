"""A small file system of a try's own, in a file that is mounted."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Self, final

from benchmarks.reliability.attack import Failed

_MEGABYTES = {"ext4": 96, "xfs": 320}  # mkfs.xfs refuses less than 300


@cache
def cannot_mount() -> str | None:
    """Why this process can't mount a file; None if it can."""
    if os.geteuid() != 0:
        return "needs root"
    if not _kinds():
        return "needs mkfs.ext4 or mkfs.xfs"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Disk(Path(folder), Random(0)):
                return None
        except Failed as failed:
            return f"needs loop devices ({failed})"


@final
class Disk:
    """An ext4 or xfs file system in the file ``image``, mounted at ``path``; a context manager.

    xfs is left out if its programs are not installed.
    """

    def __init__(self, folder: Path, random: Random) -> None:
        self.path = folder / "disk"
        self._image = folder / "image"
        self.path.mkdir()
        kind = random.choice(_kinds())
        with self._image.open("wb") as file:
            file.truncate(_MEGABYTES[kind] * (1 << 20))
        _call(f"mkfs.{kind}", "-q", str(self._image))

    def __enter__(self) -> Self:
        self._mount()
        return self

    def __exit__(self, *_: object) -> None:
        # Lazily: the processes of a failed try may still have files open.
        _call("umount", "--lazy", str(self.path))

    def copy(self) -> Path:
        """A copy of what has reached the image so far, while programs write to the disk."""
        copy = self._image.with_suffix(".copy")
        while True:  # until nothing is written during the copy: a real cut has one moment
            before = self._image.stat().st_mtime_ns
            _call("cp", "--sparse=always", str(self._image), str(copy))
            if self._image.stat().st_mtime_ns == before:
                return copy

    def replace(self, copy: Path) -> None:
        """Mounts the copy instead. Nobody may have a file open any more."""
        _call("umount", str(self.path))
        copy.replace(self._image)
        self._mount()

    def _mount(self) -> None:
        _call("mount", "-o", "loop", str(self._image), str(self.path))


def _kinds() -> list[str]:
    return [kind for kind in _MEGABYTES if shutil.which(f"mkfs.{kind}")]


def _call(*command: str) -> None:
    """Runs a program of the system. Raises ``Failed``."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {' '.join(done.stderr.split())}")
