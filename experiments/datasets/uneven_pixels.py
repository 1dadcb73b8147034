"""Pixels in units of very different size, as the columns of a table often come."""

import numpy as np

from nnscratch import Dataset
from nnscratch.typing import FloatArray

_DECADES = 1.5  # up and down from the usual unit


def factors(features: int) -> FloatArray:
    """One for each feature, log-uniform from 1/32 to 32; always the same ones. (features,)"""
    exponents = np.random.default_rng(0).uniform(-_DECADES, _DECADES, features)
    return (10**exponents).astype(np.float32)


def in_uneven_units(samples: Dataset) -> Dataset:
    """``samples``, each feature times its factor, in a float32 copy of their own."""
    inputs, labels = samples.take(slice(None))
    return Dataset(inputs * factors(samples.features), labels)
