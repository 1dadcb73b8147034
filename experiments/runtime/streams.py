"""Standard output and standard error: if nobody can read them any more, the command continues."""

import errno
import io
import os
import select
import sys
from contextlib import suppress
from typing import Any, TextIO, final

from experiments.runtime.printable import printable

_OUTPUT, _ERRORS = 1, 2  # file descriptors
_READER_LEFT = (errno.EPIPE, errno.EIO, errno.ECONNRESET)  # EIO: the terminal was closed

_failures: dict[int, OSError] = {}


def own_streams() -> None:
    """From now on writing to ``sys.stdout`` and ``sys.stderr`` never raises.

    After the first failure (a reader that left, a full disk) a stream leads nowhere. A stream that
    was closed from the start leads nowhere, too: the next file that is opened would take its
    place. A terminal that only knows ASCII gets question marks. A stream that a program has
    replaced, such as a notebook, stays as it is.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    if sys.stdout is sys.__stdout__:
        sys.stdout = _owned(sys.stdout, _OUTPUT)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _owned(sys.stderr, _ERRORS)


def output_failure() -> str | None:
    """Why standard output is incomplete; None if it is not, or if its reader has left."""
    sys.stdout.flush()
    failure = _failures.get(_OUTPUT)
    return None if failure is None or failure.errno in _READER_LEFT else failure.strerror


def print_error(message: str) -> None:
    """One line on the error stream."""
    sys.stderr.write(f"{printable(' '.join(message.split()))}\n")
    sys.stderr.flush()


def signal_error(message: str) -> None:
    """The same, for signal handlers: these may have interrupted another write to the stream."""
    with suppress(OSError):
        os.write(_ERRORS, f"{message}\n".encode())


def _owned(stream: TextIO | None, number: int) -> TextIO:
    encoding, by_line = "utf-8", True
    if isinstance(stream, io.TextIOWrapper):
        with suppress(OSError):
            stream.flush()
        encoding, by_line = stream.encoding, stream.line_buffering or stream.write_through
    buffer = io.BufferedWriter(_File(number, "w", closefd=False))
    return io.TextIOWrapper(buffer, encoding, errors="replace", line_buffering=by_line)


@final
class _File(io.FileIO):
    """A file descriptor that leads nowhere after the first failure."""

    def write(self, content: Any, /) -> int:
        try:
            while (written := super().write(content)) is None:  # another program made it
                select.select([], [self], [])  # non-blocking, and it is full
        except OSError as error:
            number = self.fileno()
            _failures.setdefault(number, error)
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, number)
                os.close(nowhere)
            return memoryview(content).nbytes
        return written
