"""Early stopping: training ends once more epochs stop helping, or are not needed."""

from typing import final

from nnscratch.checks import check_not_negative
from nnscratch.training.loop import Epoch


@final
class EarlyStopping:
    """Stops after ``patience`` epochs in a row without a smaller validation loss.

    An epoch counts as better if its loss is smaller than the smallest so far by more than
    ``min_delta``. The loss decides, not the accuracy: it keeps falling while single samples
    change sides, and is the first to rise when a network overfits.

    ``goal`` is a validation accuracy (0–1) that ends training at once, to measure how long it
    takes to reach it.

        for epoch in fit(…):
            if stopping.update(epoch):
                break
    """

    def __init__(self, patience: int, *, min_delta: float = 0.0, goal: float | None = None) -> None:
        if patience < 1:
            raise ValueError(f"patience must be 1 or more, got {patience}")
        check_not_negative("min_delta", min_delta)
        if goal is not None and not 0 < goal <= 1:
            raise ValueError(f"goal must be an accuracy above 0 and at most 1, got {goal}")
        self.patience, self.min_delta, self.goal = patience, min_delta, goal
        self.waited = 0  # epochs since the best
        self._best = float("inf")
        self._reached = False

    @property
    def should_stop(self) -> bool:
        """Whether the patience is used up, or the goal is reached."""
        return self._reached or self.waited >= self.patience

    def update(self, epoch: Epoch) -> bool:
        """Considers a finished epoch; True if it should be the last."""
        if epoch.val_loss is None or epoch.val_accuracy is None:
            raise ValueError("early stopping watches the validation loss: give fit such data")
        if epoch.val_loss < self._best - self.min_delta:
            self._best, self.waited = epoch.val_loss, 0
        else:
            self.waited += 1
        self._reached |= self.goal is not None and epoch.val_accuracy >= self.goal
        return self.should_stop
