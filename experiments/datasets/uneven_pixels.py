"""Pixels on very different scales, like the columns of many tables."""

import numpy as np

from nnscratch import Dataset
from nnscratch.typing import FloatArray

_DECADES = 1.5  # up and down from the usual scale


def factors(features: int) -> FloatArray:
    """A factor for each feature, log-uniform from 1/32 to 32, always the same. (features,)"""
    exponents = np.random.default_rng(0).uniform(-_DECADES, _DECADES, features)
    return (10**exponents).astype(np.float32)


def unevenly_scaled(samples: Dataset) -> Dataset:
    """A float32 copy of ``samples``, each feature times its factor."""
    inputs, labels = samples.take(slice(None))
    return Dataset(inputs * factors(samples.features), labels)
