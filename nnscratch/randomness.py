"""One seed, one independent random generator per purpose."""

from typing import Literal, TypeAlias, get_args

import numpy as np

from nnscratch.checks import check_not_negative

Purpose: TypeAlias = Literal[
    "init", "shuffle", "dropout", "augmentation", "split", "subset", "test", "labels"
]

# The order is part of every logged result: a new purpose goes to the end.
_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


def generator(seed: int, purpose: Purpose) -> np.random.Generator:
    """The generator of one purpose, independent of those of all others.

    Streams are spawned by ``SeedSequence``. So more numbers for one purpose (a larger network
    to initialize) do not change the others (the order of the samples).
    """
    check_not_negative("seed", seed)
    child = np.random.SeedSequence(seed, spawn_key=(_PURPOSES.index(purpose),))
    return np.random.default_rng(child)
