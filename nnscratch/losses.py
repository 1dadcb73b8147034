"""Losses: how wrong the outputs are, and in which direction to move them.

Three pairings of output and loss are canonical: softmax with cross-entropy, sigmoid with
binary cross-entropy, identity with squared error. Their gradient with respect to the logits is
p − t, up to a constant. In other pairings the derivative of the output remains as a factor:
behind a sigmoid or softmax, the squared error has a small gradient where the network is
confidently wrong.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import numpy as np

from nnscratch.checks import as_outputs_and_targets, check_between, check_fraction
from nnscratch.typing import FloatArray, OutputKind


class Loss(ABC):
    """A loss per sample; the mean over the batch is taken here, and nowhere else."""

    takes: ClassVar[OutputKind | None] = None
    """What the outputs have to be (``Network.outputs``); None: anything."""

    classes_compete: ClassVar[bool] = False
    """Whether the classes share one distribution, so that each needs an output."""

    @abstractmethod
    def per_sample(self, outputs: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The loss of each sample, (batch,), and dL/d(outputs) of each, (batch, classes)."""

    @final
    def value_and_gradient(
        self, outputs: FloatArray, targets: FloatArray
    ) -> tuple[float, FloatArray]:
        """The mean loss over the batch and dL/d(outputs), sharing what both need.

        The targets (batch, classes) are one-hot or any other distribution.
        """
        outputs, targets = as_outputs_and_targets(outputs, targets)
        if self.classes_compete and outputs.shape[1] == 1:
            raise ValueError(
                "cross-entropy over classes needs an output for each class, got a single output: "
                "use SigmoidCrossEntropyLoss"
            )
        losses, gradient = self.per_sample(outputs, targets)
        gradient /= len(gradient)
        # Summed in float64: a mean over a long float32 sum would lose digits.
        return float(losses.sum(dtype=np.float64)) / len(losses), gradient

    @final
    def value(self, outputs: FloatArray, targets: FloatArray) -> float:
        """The mean loss over the batch."""
        return self.value_and_gradient(outputs, targets)[0]

    @final
    def gradient(self, outputs: FloatArray, targets: FloatArray) -> FloatArray:
        """dL/d(outputs) of the mean loss, (batch, classes)."""
        return self.value_and_gradient(outputs, targets)[1]


@final
class SoftmaxCrossEntropyLoss(Loss):
    """Cross-entropy of softmax(z) for logits z: the pairing that cancels the softmax Jacobian.

    With p = softmax(z) and targets t that sum to 1,
        L = −Σ_k t_k log p_k = log Σ_k e^{z_k} − Σ_k t_k z_k,
        ∂L/∂z_k = e^{z_k} / Σ_j e^{z_j} − t_k = p_k − t_k,
    and, for the mean over the batch, (p − t) / batch. No probability is ever put into a
    logarithm, so nothing underflows.

    ``label_smoothing`` s replaces t by (1 − s) t + s/K for K classes. Then the optimal logits
    are finite (Szegedy et al. 2016).
    """

    takes, classes_compete = "logits", True

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        check_fraction("label_smoothing", label_smoothing)
        self.label_smoothing = label_smoothing

    def per_sample(self, outputs: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self.label_smoothing:
            uniform = self.label_smoothing / targets.shape[1]
            targets = (1 - self.label_smoothing) * targets + uniform  # (batch, classes)
        shifted = outputs - outputs.max(axis=1, keepdims=True)  # (batch, classes), ≤ 0
        exponentials = np.exp(shifted)
        sums = exponentials.sum(axis=1, keepdims=True)  # (batch, 1)
        losses = np.log(sums[:, 0]) - np.einsum("bk,bk->b", targets, shifted)
        exponentials /= sums  # p
        exponentials -= targets  # p − t
        return losses, exponentials


@final
class SigmoidCrossEntropyLoss(Loss):
    """Binary cross-entropy of σ(z) for logits z, summed over independent outputs.

    With p = σ(z) and targets t in [0, 1],
        L = −Σ_k [t_k log p_k + (1 − t_k) log(1 − p_k)] = Σ_k [log(1 + e^{z_k}) − t_k z_k],
        ∂L/∂z_k = σ(z_k) − t_k.
    With e = e^{−|z|} ≤ 1, which never overflows,
        log(1 + eᶻ) = max(z, 0) + log(1 + e),   σ(z) = 1 / (1 + e) or, for z < 0, e / (1 + e).
    """

    takes = "sigmoid_logits"

    def per_sample(self, outputs: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        exponentials = np.exp(-np.abs(outputs))  # (batch, classes)
        # In this order: where t is 1 or 0, the first two cancel to the last digit.
        losses = np.maximum(outputs, 0) - targets * outputs + np.log1p(exponentials)
        gradient = np.where(outputs < 0, exponentials, 1) / (1 + exponentials)  # σ(z)
        gradient -= targets
        return losses.sum(axis=1), gradient


@final
class CrossEntropyLoss(Loss):
    """L = −Σ_k t_k log p_k on probabilities p, as a ``Softmax`` layer yields them.

        ∂L/∂p_k = −t_k / p_k.

    p is clipped to [ε, 1 − ε] first: in float32 a confidently wrong network gives
    p_k = 0, whose logarithm is −∞. Clipping keeps the loss finite, but the gradient with respect
    to the logits is 0. ``SoftmaxCrossEntropyLoss`` has neither problem.
    """

    takes, classes_compete = "scores", True

    def __init__(self, *, epsilon: float = 1e-7) -> None:
        check_between("epsilon", epsilon, 0, 0.5)
        self.epsilon = epsilon

    def per_sample(self, outputs: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        clipped = np.clip(outputs, self.epsilon, 1 - self.epsilon)
        losses = -np.einsum("bk,bk->b", targets, np.log(clipped))
        return losses, targets / -clipped


@final
class MSELoss(Loss):
    """L = (1/K) Σ_k (y_k − t_k)², the mean over the K outputs;  ∂L/∂y_k = 2 (y_k − t_k) / K."""

    def per_sample(self, outputs: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        errors = outputs - targets  # (batch, K)
        losses = np.einsum("bk,bk->b", errors, errors) / errors.shape[1]
        errors *= 2 / errors.shape[1]
        return losses, errors
