"""Imports that take seconds, without the garbage collector.

The collector would check hundreds of thousands of new objects again and again, although none is
garbage. That takes a tenth of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector never checks the imported objects again, so forks keep sharing their memory."""
    if not gc.isenabled():  # an outer call has done that
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
