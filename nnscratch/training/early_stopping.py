"""Early stopping: the end of a training, and its best weights, by validation data."""

from collections.abc import Sequence
from typing import final

from nnscratch.checks import check_count, check_not_negative, check_share
from nnscratch.network import Network
from nnscratch.training.loop import Epoch


@final
class EarlyStopping:
    """Stops after ``patience`` epochs in a row without a smaller validation loss.

    An epoch counts as better if its loss is smaller than the smallest so far by more than
    ``min_delta``. The loss decides, not the accuracy: it keeps falling while single samples
    change sides, and is the first to rise when a network overfits.

    ``goal`` is a validation accuracy (0–1) that ends training at once.

        for epoch in fit(…):
            if stopping.update(epoch):
                break
    """

    def __init__(self, patience: int, *, min_delta: float = 0.0, goal: float | None = None) -> None:
        check_count("patience", patience)
        check_not_negative("min_delta", min_delta)
        if goal is not None:
            check_share("goal", goal)
        self.patience, self.min_delta, self.goal = patience, min_delta, goal
        self.waited = 0  # epochs since the best
        self._best = float("inf")
        self._reached = False

    @property
    def should_stop(self) -> bool:
        """Whether the patience is used up, or the goal is reached."""
        return self._reached or self.waited >= self.patience

    def update(self, epoch: Epoch) -> bool:
        """Considers a finished epoch; True if it should be the last.

        Raises ``ValueError`` without validation data.
        """
        accuracy, loss = _validated(epoch)
        if loss < self._best - self.min_delta:
            self._best, self.waited = loss, 0
        else:
            self.waited += 1
        self._reached |= self.goal is not None and accuracy >= self.goal
        return self.should_stop


@final
class BestWeights:
    """A snapshot of the network after the best epoch so far.

    The highest validation accuracy is best. If two are equal, the smaller loss decides.
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

    def resume(self, history: Sequence[Epoch], network: Network) -> None:
        """Continues after the epochs of ``history``; ``network`` is as the best of them left it."""
        if history:
            self.epoch = best_epoch(history)
            self._merit = _merit(self.epoch)
            self._state[:] = network.state

    def restore(self) -> None:
        """Copies the best weights (and running statistics) back into the network."""
        self._network.state[:] = self._state


def best_epoch(history: Sequence[Epoch]) -> Epoch:
    """The epoch whose weights ``BestWeights`` keeps. ``history`` has one epoch or more."""
    return max(history, key=_merit)


def _merit(epoch: Epoch) -> tuple[float, float]:
    accuracy, loss = _validated(epoch)
    return accuracy, -loss


def _validated(epoch: Epoch) -> tuple[float, float]:
    """The accuracy and loss on the validation data."""
    if epoch.val_accuracy is None or epoch.val_loss is None:
        raise ValueError("epochs are compared by validation data: give some to fit")
    return epoch.val_accuracy, epoch.val_loss
