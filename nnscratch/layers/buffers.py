"""Arrays that are allocated once and written again by every batch."""

import numpy as np
from numpy.typing import DTypeLike

from nnscratch.typing import FloatArray


class Buffers:
    """Named scratch arrays, so that no layer allocates its outputs again for every batch.

    A smaller batch (the last of an epoch) gets the first rows of the same array.
    The content is undefined until written.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, FloatArray] = {}

    def get(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> FloatArray:
        """The buffer of this name, cut to ``shape``."""
        array = self._arrays.get(name)
        if (
            array is None
            or len(array) < shape[0]
            or array.shape[1:] != shape[1:]
            or array.dtype != dtype
        ):
            array = self._arrays[name] = np.empty(shape, dtype)
        return array if len(array) == shape[0] else array[: shape[0]]
