"""One vector that holds many arrays: how long it must be, and where each of them lies in it."""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from nnscratch.typing import Shapes

Array = TypeVar("Array", bound=np.ndarray[Any, Any])


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
