"""Early stopping: no more epochs once they have stopped to help."""

from typing import final

from nnscratch.training import Epoch


@final
class EarlyStopping:
    """Says stop after ``patience`` epochs in a row without a smaller validation loss.

    ``min_delta`` is what an epoch must gain on the smallest loss so far to count. The
    loss, not the accuracy: it goes on falling while single samples flip, and turns
    first when a network overfits.

        for epoch in fit(…):
            if stopping.update(epoch):
                break
    """

    def __init__(self, patience: int, *, min_delta: float = 0.0) -> None:
        if patience < 1:
            raise ValueError(f"patience must be 1 or more, got {patience}")
        if not 0 <= min_delta < float("inf"):
            raise ValueError(f"min_delta must be 0 or a positive number, got {min_delta}")
        self.patience, self.min_delta = patience, min_delta
        self.waited = 0  # epochs since the best
        self._best = float("inf")

    @property
    def should_stop(self) -> bool:
        """Whether the patience is used up."""
        return self.waited >= self.patience

    def update(self, epoch: Epoch) -> bool:
        """Takes in a finished epoch; True if it should be the last."""
        if epoch.val_loss is None:
            raise ValueError("early stopping watches the validation loss: give fit such data")
        if epoch.val_loss < self._best - self.min_delta:
            self._best, self.waited = epoch.val_loss, 0
        else:
            self.waited += 1
        return self.should_stop
