"""The best weights of a training, kept until its end."""

from collections.abc import Iterable
from typing import final

from nnscratch.network import Network
from nnscratch.training.loop import Epoch


@final
class BestWeights:
    """A snapshot of the network after the best epoch so far.

    The best epoch has the highest validation accuracy. If two have the same, the smaller
    validation loss decides.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._state = network.state.copy()
        self._merit = (-1.0, 0.0)
        self.epoch: Epoch | None = None

    def update(self, epoch: Epoch) -> bool:
        """Considers a finished epoch; True if it is the best so far."""
        merit = _merit(epoch)
        if merit <= self._merit:
            return False
        self.epoch, self._merit = epoch, merit
        self._state[:] = self._network.state
        return True

    def resume(self, history: Iterable[Epoch], network: Network) -> None:
        """Continues after the epochs of ``history``; ``network`` is as the best of them left it."""
        self.epoch = max(history, key=_merit, default=None)
        if self.epoch is not None:
            self._merit = _merit(self.epoch)
            self._state[:] = network.state

    def restore(self) -> None:
        """Copies the best weights (and running statistics) back into the network."""
        self._network.state[:] = self._state


def _merit(epoch: Epoch) -> tuple[float, float]:
    if epoch.val_accuracy is None or epoch.val_loss is None:
        raise ValueError("the best epoch is found by validation data: give some to fit")
    return epoch.val_accuracy, -epoch.val_loss
