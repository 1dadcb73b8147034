"""From the outputs of a network to its answer: the class, and the probability of each class.

``kind`` says what the outputs are, as ``Network.outputs`` does:

``"logits"``          softmax turns them into probabilities;
``"sigmoid_logits"``  the sigmoid turns each into a score of its own;
``"scores"``          they are scores already, one for each class.

A single output scores class 1 against class 0.
"""

import numpy as np

from nnscratch.layers import Softmax
from nnscratch.typing import FloatArray, IntArray, OutputKind


def decide(outputs: FloatArray, kind: OutputKind) -> IntArray:
    """The most probable class of each row, (batch,)."""
    if outputs.shape[1] > 1:
        return outputs.argmax(axis=1)
    threshold = 0 if kind == "sigmoid_logits" else 0.5
    return (outputs[:, 0] > threshold).astype(np.intp)


def probabilities(outputs: FloatArray, kind: OutputKind) -> FloatArray:
    """Probabilities (batch, classes); each row sums to 1.

    Scores (independent sigmoids, a linear output fitted to one-hot targets) are cut at 0 and
    divided by their sum. In a row without a positive score, all classes are equally probable.
    A single score s becomes (1 − s, s).
    """
    if kind == "logits":
        return Softmax().apply(outputs)
    if kind == "sigmoid_logits":
        return Softmax().apply(_logits(outputs))
    if outputs.shape[1] == 1:
        score = np.clip(outputs, 0, 1)
        return np.hstack([1 - score, score])
    scores = np.maximum(outputs, 0)
    sums = scores.sum(axis=1, keepdims=True)
    return np.where(sums > 0, scores / np.where(sums > 0, sums, 1), 1 / scores.shape[1])


def _logits(outputs: FloatArray) -> FloatArray:
    """Logits whose softmax is σ(z_k) / Σ_j σ(z_j): log σ(z), which underflows nowhere.

    For a single output, the softmax of (0, z) is (1 − σ(z), σ(z)).
    """
    if outputs.shape[1] == 1:
        return np.hstack([np.zeros_like(outputs), outputs])
    return -np.logaddexp(0, -outputs)
