"""Calibration: confidence compared with accuracy."""

import numpy as np
import pytest

from nnscratch.inspection.calibration import EDGES, calibrate


def row(confidence: float, answer: int = 0) -> list[float]:
    """Probabilities of three classes, of which ``answer`` is the most probable."""
    rest = (1 - confidence) / 2
    return [confidence if k == answer else rest for k in range(3)]


def test_answers_are_counted_in_the_bin_of_their_confidence() -> None:
    probabilities = np.array([row(0.95), row(0.97, 2), row(0.97), row(0.5), row(1.0)])
    found = calibrate(probabilities, np.array([0, 1, 0, 0, 1]))
    at = found.bin(0.96)
    assert (found.edges[at], found.edges[at + 1]) == (0.95, 0.99)
    assert (found.samples[at], found.right[at]) == (3, 2)
    assert (found.samples[found.bin(0.5)], found.right[found.bin(0.5)]) == (1, 1)
    assert (found.samples[-1], found.right[-1]) == (1, 0)
    assert sum(found.samples) == 5


@pytest.mark.parametrize("confidence", [0.0, 0.2, 0.999, 1.0])
def test_every_confidence_has_a_bin(confidence) -> None:
    found = calibrate(np.array([row(0.5)]), np.array([0]))
    at = found.bin(confidence)
    assert EDGES[at] <= confidence <= EDGES[at + 1]


def test_the_expected_error_is_small_where_accuracy_equals_confidence() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1, 20000)
    probabilities = np.array([row(c) for c in confidence])
    honest = np.where(rng.random(20000) < confidence, 0, 1)
    assert calibrate(probabilities, honest).expected_error < 0.02
    assert calibrate(probabilities, np.ones(20000, int)).expected_error > 0.6
