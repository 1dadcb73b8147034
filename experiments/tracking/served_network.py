"""What MLflow runs to serve a network: a copy lies in every model, beside one of nnscratch."""

from pathlib import Path

from mlflow.exceptions import MlflowException

from nnscratch import Network, load_checkpoint
from nnscratch.typing import FloatArray


class ServedNetwork:
    """Answers inputs with class probabilities."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Probabilities (n, classes) for inputs (n, features) in [0, 1].

        Raises ``MlflowException`` for other numbers: a network answers pixels of 0–255 too,
        and is sure of its nonsense.
        """
        if not (inputs.min() >= 0 and inputs.max() <= 1):
            raise MlflowException.invalid_parameter_value(
                f"inputs must lie between 0 and 1, these lie between {inputs.min()} and "
                f"{inputs.max()}: divide pixels of 0–255 by 255"
            )
        return self._network.predict_proba(inputs)


def _load_pyfunc(checkpoint: str) -> ServedNetwork:
    """MLflow's hook."""
    return ServedNetwork(load_checkpoint(Path(checkpoint)))
