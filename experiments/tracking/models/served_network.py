"""MLflow runs this module to serve a network; each model has a copy of it and of nnscratch."""

from pathlib import Path

from mlflow.exceptions import MlflowException

from nnscratch import Network, load_checkpoint
from nnscratch.typing import FloatArray


class ServedNetwork:
    """Predicts class probabilities."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Probabilities (n, classes) for inputs (n, features) in [0, 1].

        Raises ``MlflowException`` for other inputs: from pixels of 0–255 a network would
        predict nonsense with high confidence.
        """
        if not (inputs.min() >= 0 and inputs.max() <= 1):
            raise MlflowException.invalid_parameter_value(
                f"inputs lie between {inputs.min()} and {inputs.max()}, expected 0 to 1: divide "
                "pixels of 0–255 by 255"
            )
        return self._network.predict_proba(inputs)


def _load_pyfunc(checkpoint: str) -> ServedNetwork:
    """Called by MLflow."""
    return ServedNetwork(load_checkpoint(Path(checkpoint)))
