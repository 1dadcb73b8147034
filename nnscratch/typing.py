"""The array types in the signatures of this package."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]  # float32 in training, float64 in checks
FloatDType: TypeAlias = type[np.floating[Any]] | np.dtype[np.floating[Any]] | str  # "float64", …
PixelArray: TypeAlias = NDArray[np.uint8]  # intensities 0–255
IntArray: TypeAlias = NDArray[np.integer[Any]]  # class indices or row numbers
BoolArray: TypeAlias = NDArray[np.bool_]

# Named parts of a flat vector, in their order.
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]

# What the outputs of a network are: ``nnscratch.readout`` turns them into probabilities.
OutputKind: TypeAlias = Literal["logits", "sigmoid_logits", "scores"]
