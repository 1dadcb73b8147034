"""A trained network as the window uses it: one image in, one prediction out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnscratch import Network, load_checkpoint
from nnscratch.readout import decide, probabilities

SIDE = 28
DIGITS = 10


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network predicts for one image."""

    image: NDArray[np.floating]  # (28, 28) in [0, 1]
    digit: int
    probabilities: NDArray[np.floating]  # (10,), sum to 1
    activations: list[NDArray[np.floating]]  # every layer's output, (units,)

    @property
    def confidence(self) -> float:
        """The probability of ``digit``."""
        return float(self.probabilities[self.digit])

    @property
    def runner_up(self) -> int:
        """The most probable of the other digits."""
        others = np.delete(np.arange(DIGITS), self.digit)
        return int(others[self.probabilities[others].argmax()])


class Recognizer:
    """A network that classifies 28×28 images of digits.

    Raises ``ValueError`` for a network of another size, or with weights that are not finite.
    """

    def __init__(self, network: Network) -> None:
        if (network.features, network.output_size) != (SIDE * SIDE, DIGITS):
            raise ValueError(
                f"the window needs a network with {SIDE * SIDE} inputs (28×28 pixels) and {DIGITS} "
                f"outputs; this one has {network.features} and {network.output_size}"
            )
        if not np.isfinite(network.parameters).all():
            raise ValueError(
                "the network has weights that are not finite, because its training diverged: "
                "choose another network"
            )
        self.network = network

    @classmethod
    def from_checkpoint(cls, path: str | Path) -> "Recognizer":
        """The network saved in ``path``. Raises ``CheckpointError``, which is a ``ValueError``."""
        return cls(load_checkpoint(path))

    def recognize(self, image: NDArray[np.floating]) -> Prediction:
        """The prediction for a (28, 28) image in [0, 1]; ``ValueError`` for another shape."""
        if image.shape != (SIDE, SIDE):
            raise ValueError(f"an image must be of shape ({SIDE}, {SIDE}), got {image.shape}")
        activations = self.network.activations(image.reshape(1, -1))
        outputs, kind = activations[-1], self.network.outputs
        return Prediction(
            image=image,
            digit=int(decide(outputs, kind)[0]),
            probabilities=probabilities(outputs, kind)[0],
            activations=[layer[0] for layer in activations],
        )
