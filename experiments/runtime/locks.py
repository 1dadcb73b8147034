"""A lock between processes on this machine, which its holder's death frees."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import final

from filelock import lock_descriptor

_PAUSE = 0.05  # seconds between two attempts
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag


@final
class Lock:
    """A file that one process at a time holds. The file says which process holds it.

    ``FileLock`` makes the folders of its file. This one does not, so that the lock of a folder
    that another process removes does not bring the folder back.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor: int | None = None

    def take(self, patience: float = 0.0) -> bool:
        """Whether this process holds it now; waits up to ``patience`` seconds for the holder.

        Raises ``FileNotFoundError`` if the folder of the file is missing.
        """
        deadline = time.monotonic() + patience
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def release(self) -> None:
        """Frees it and removes the file, unless it was moved or removed while it was held."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        with suppress(OSError):
            if self._is_file_of(descriptor):
                self.file.unlink()
        os.close(descriptor)

    @property
    def holder(self) -> str:
        """The id of the process that holds it; ``?`` if that is unknown."""
        with suppress(OSError):
            return self.file.read_text().strip() or "?"
        return "?"

    def _try(self) -> bool:
        while True:
            descriptor = os.open(self.file, _FLAGS, 0o600)
            if not lock_descriptor(descriptor, blocking=False):
                os.close(descriptor)
                return False
            # The holder before may have removed the file after it was opened here.
            if self._is_file_of(descriptor):
                break
            os.close(descriptor)
        self._descriptor = descriptor
        with suppress(OSError):  # a full disk keeps nobody from holding it
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        return True

    def _is_file_of(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.file.stat())
        except FileNotFoundError:
            return False
