"""Serving in the foreground, until Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Ctrl-C, SIGTERM or the closing of the terminal end the code inside, without a message."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with suppress(KeyboardInterrupt):
        yield


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
