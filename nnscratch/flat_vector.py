"""One vector that holds many arrays: how long it must be, and where each array lies in it."""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from nnscratch.typing import FloatArray, Shapes

CACHE_LINE = 64  # bytes

Array = TypeVar("Array", bound=np.ndarray[Any, Any])


def zeros(size: int, dtype: DTypeLike) -> FloatArray:
    """A vector of zeros that begins at the start of a cache line.

    NumPy begins its arrays at any multiple of 16 bytes, and then every wide load crosses
    two lines: an Adam step takes 12 % longer, a training step 3 %.
    """
    size_in_bytes = size * np.dtype(dtype).itemsize
    memory = np.zeros(size_in_bytes + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + size_in_bytes].view(dtype)


def size_of(layers: Sequence[Shapes]) -> int:
    """How many numbers the named parts of all layers hold."""
    return sum(math.prod(shape) for shapes in layers for shape in shapes.values())


def views_of(vector: Array, layers: Sequence[Shapes]) -> list[dict[str, Array]]:
    """``vector`` cut into the named parts of each layer, one after the other."""
    start, views = 0, []
    for shapes in layers:
        views.append({})
        for name, shape in shapes.items():
            stop = start + math.prod(shape)
            views[-1][name] = vector[start:stop].reshape(shape)
            start = stop
    return views
