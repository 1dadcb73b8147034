"""How far a confidence can be trusted: what became of answers that were as sure."""

from dataclasses import dataclass

import numpy as np

from nnscratch.typing import FloatArray, IntArray

EDGES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Where one bin of confidence ends and the next begins; finer where most answers are."""


@dataclass(frozen=True)
class Calibration:
    """For each bin of confidence: how many samples were answered with it, and how many rightly."""

    edges: tuple[float, ...]  # (bins + 1,), rising from 0 to 1
    samples: tuple[int, ...]  # (bins,)
    right: tuple[int, ...]  # (bins,)

    def bin(self, confidence: float) -> int:
        """The bin that a confidence in [0, 1] lies in; its lower edge belongs to it."""
        return int(_bins(self.edges, np.array(confidence)))

    @property
    def expected_error(self) -> float:
        """Σ (n_b / n) |accuracy_b − middle_b| over the bins b, 0–1; 0 without samples.

        The expected calibration error of Guo et al. 2017, with a bin's middle in place of
        its mean confidence, which is not kept.
        """
        n = sum(self.samples)
        middles = (np.array(self.edges[1:]) + self.edges[:-1]) / 2
        gaps = np.abs(np.array(self.right) - middles * self.samples)
        return float(gaps.sum() / n) if n else 0.0


def calibrate(probabilities: FloatArray, labels: IntArray) -> Calibration:
    """The calibration of probabilities (samples, classes) for labels (samples,)."""
    answers = probabilities.argmax(axis=1)
    bins = _bins(EDGES, probabilities.max(axis=1))
    samples = np.bincount(bins, minlength=len(EDGES) - 1)
    right = np.bincount(bins[answers == labels], minlength=len(EDGES) - 1)
    return Calibration(EDGES, tuple(samples.tolist()), tuple(right.tolist()))


def _bins(edges: tuple[float, ...], confidences: FloatArray) -> IntArray:
    found = np.searchsorted(edges, confidences, side="right") - 1
    return np.clip(found, 0, len(edges) - 2)
