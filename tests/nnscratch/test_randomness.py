"""Random generators: independent streams, the same ones in every version."""

import pytest

from nnscratch.randomness import Purpose, generator

# Logged results depend on these numbers: whoever changes them changes every run.
FIRST: dict[Purpose, int] = {
    "init": 3445585646,
    "shuffle": 2843493045,
    "dropout": 2819132514,
    "augmentation": 3833089861,
    "split": 751395872,
    "subset": 335180553,
    "test": 1590247158,
    "labels": 3671724838,
}


@pytest.mark.parametrize("purpose", FIRST)
def test_seed_and_purpose_decide_the_stream(purpose: Purpose) -> None:
    assert generator(0, purpose).integers(2**32) == FIRST[purpose]
    assert generator(1, purpose).integers(2**32) != FIRST[purpose]
