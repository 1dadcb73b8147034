"""Calibration: how often answers of a given confidence are correct."""

import json
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from nnscratch.data import Dataset
from nnscratch.network import Network
from nnscratch.typing import FloatArray, IntArray

EDGES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""The edges of the bins of confidence; the bins are narrower where most answers are."""


@dataclass(frozen=True)
class Calibration:
    """For each bin of confidence: the number of answers, and the number of correct answers."""

    edges: tuple[float, ...]  # (bins + 1,), rising from 0 to 1
    samples: tuple[int, ...]  # (bins,)
    right: tuple[int, ...]  # (bins,)

    def bin(self, confidence: float) -> int:
        """The number of the bin of a confidence in [0, 1]; a bin includes its lower edge."""
        return int(_bins(self.edges, np.array(confidence)))

    @property
    def expected_error(self) -> float:
        """Σ (n_b / n) |accuracy_b − middle_b| over the bins b, 0–1; 0 without samples.

        Guo et al. 2017 take the mean confidence of a bin, which is not stored, not its middle.
        """
        n = sum(self.samples)
        middles = (np.array(self.edges[1:]) + self.edges[:-1]) / 2
        gaps = np.abs(np.array(self.right) - middles * self.samples)
        return float(gaps.sum() / n) if n else 0.0

    def to_json(self) -> str:
        """The text for ``from_json``."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ``ValueError`` for any text that ``to_json`` could not have returned."""
        try:
            table = json.loads(text)
            edges = tuple(map(float, table["edges"]))
            samples, right = (tuple(map(int, table[key])) for key in ("samples", "right"))
        except (OverflowError, KeyError, TypeError) as error:
            raise ValueError(f"no calibration: {error}") from error
        if not 0 < len(samples) == len(right) == len(edges) - 1:
            raise ValueError(f"{len(edges)} edges, {len(samples)} and {len(right)} bins")
        return cls(edges, samples, right)


def calibration_of(network: Network, dataset: Dataset) -> Calibration:
    """The calibration of a network's answers to all samples of a dataset."""
    scores, labels = zip(
        *((network.predict_proba(inputs), labels) for inputs, labels in dataset.batches(1000)),
        strict=True,
    )
    return calibrate(np.concatenate(scores), np.concatenate(labels))


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
