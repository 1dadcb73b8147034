"""A virtual display, for windows that need no screen."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def virtual_display() -> Iterator[str]:
    """The name of a display of 1280×800 pixels that exists as long as the context.

    Raises ``FileNotFoundError`` without Xvfb, and ``RuntimeError`` if Xvfb ends at once.
    """
    ready, told = os.pipe()
    with os.fdopen(ready) as number:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(told), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            pass_fds=[told],
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        name = number.readline().strip()  # waits until the display is there
    if not name:
        raise RuntimeError(f"Xvfb ended with status {server.wait()}")
    try:
        yield f":{name}"
    finally:
        server.terminate()
        server.wait()
