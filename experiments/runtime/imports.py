"""Imports that take seconds, without the garbage collector.

It would look through hundreds of thousands of new objects again and again, none of which is
garbage: a tenth of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """What was imported by the end is never looked through again, and stays shared after a fork."""
    if not gc.isenabled():  # somebody further out does that
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
