"""What a run logs: metrics and weights of each epoch, its test result, its plots."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from experiments.datasets import Splits
from experiments.runs.summary import DIGITS
from experiments.runs.tags import WEIGHTS_DIGEST
from experiments.tracking import Tracker
from experiments.training.build import Trainee
from experiments.training.progress import Progress
from experiments.training.pure_python.training import PurePythonTraining
from experiments.training.report import RunReport
from nnscratch import (
    BestWeights,
    Epoch,
    evaluate,
    save_checkpoint,
    save_training_state,
    weights_digest,
)
from nnscratch.inspection.calibration import calibration_of

_SMALL_NETWORK = 5_000_000  # bytes of parameters up to which every epoch keeps its weights


class Recorder:
    """Writes one training run to its tracker, and tells the report.

    After each epoch the metrics and ``checkpoints/last.npz`` are safe, and
    ``checkpoints/best.npz`` if the validation accuracy is the best so far (with equal
    accuracies, the smaller loss counts). So all finished epochs are kept, however the run
    ends, and ``checkpoints/state.npz`` to resume it from.
    """

    def __init__(
        self,
        tracker: Tracker,
        report: RunReport,
        trainee: Trainee,
        splits: Splits,
        *,
        title: str,
        epoch_checkpoints: bool | None,
        diagnostics: Callable[[], Mapping[str, float]],
    ) -> None:
        self._tracker, self._report = tracker, report
        self._network, self._loss, _, self._training = trainee
        self._splits, self._title = splits, title
        small = self._network.parameters.nbytes < _SMALL_NETWORK
        self._keep_epochs = small if epoch_checkpoints is None else epoch_checkpoints
        self._diagnostics = diagnostics
        self._history: list[Epoch] = []
        self._digests: list[str] = []  # of the weights after each epoch
        self._best = BestWeights(self._network)

    @property
    def best_val_accuracy(self) -> float:
        """0–1; −1 before the first epoch."""
        best = self._best.epoch
        return -1.0 if best is None or best.val_accuracy is None else best.val_accuracy

    def begin(self, progress: Progress | None) -> None:
        """Logs the diagnostics as step 0; after ``progress`` all that came before is logged."""
        if progress is None:
            self._tracker.log_metrics(self._diagnostics(), step=0)
            return
        self._history, self._digests = list(progress.history), list(progress.digests)
        self._best.resume(progress.history, progress.best)
        for epoch in progress.history:
            self._report.epoch(epoch)

    def epoch(self, epoch: Epoch) -> None:
        """Logs one finished epoch in one piece.

        ``state.npz`` comes last: whenever the store has it, it has everything before it, too.
        """
        self._history.append(epoch)
        self._digests.append(weights_digest(self._network))
        best = self._best.update(epoch)
        metrics = {
            "train_loss": epoch.train_loss,
            "train_accuracy": epoch.train_accuracy,
            "val_loss": epoch.val_loss,
            "val_accuracy": epoch.val_accuracy,
            "learning_rate": epoch.learning_rate,
            "epoch_seconds": epoch.seconds,
            "training_seconds": sum(epoch.seconds for epoch in self._history),
            "best_val_accuracy": self.best_val_accuracy,
            **self._diagnostics(),
        }
        if isinstance(self._training, PurePythonTraining):
            metrics |= self._training.metrics()
        copies = ["best"] if best else []
        if self._keep_epochs:
            copies.append(f"epochs/epoch_{epoch.number:04d}")
        with self._tracker.together():
            self._tracker.log_metrics(metrics, step=epoch.number)
            self._checkpoints("last", *copies, epoch=epoch)
            self._tracker.write_artifact("checkpoints/state.npz", self._save_state)
        self._report.epoch(epoch)

    def finish(self) -> None:
        """Evaluates the best weights on the test data, once, and logs the results."""
        from experiments.reporting import plots  # here: matplotlib is not needed before the end

        splits = self._splits
        self._best.restore()
        test = evaluate(self._network, self._loss, splits.test)
        results = {"test_loss": test.loss, "test_accuracy": test.accuracy}
        if splits.handwriting is not None:
            from experiments.training.handwriting import accuracies  # here: few runs need Pillow

            results |= accuracies(self._network, splits.handwriting)
        calibration = calibration_of(self._network, splits.validation)
        self._tracker.write_text("calibration.json", calibration.to_json())
        self._tracker.log_metrics(results, step=self._history[-1].number)
        self._tracker.set_tags({WEIGHTS_DIGEST: self._digests[-1]})
        self._plot("confusion_matrix", partial(plots.confusion_matrix, test))
        self._report.finished(test.loss, test.accuracy)
        if isinstance(self._training, PurePythonTraining):
            self._report.note(self._training.summary())
        if splits.name in DIGITS and self._tracker.run_id is not None:
            self._report.next_steps(self._tracker.run_id, self._tracker.store)

    def close(self) -> None:
        """Draws the learning curves and exports the best weights, however the run ended."""
        from experiments.reporting import plots

        if self._history:
            self._plot("learning_curves", partial(plots.learning_curves, self._history))
            self._best.restore()
            self._tracker.log_model(self._network, self._splits.train)

    def _checkpoints(self, *names: str, epoch: Epoch) -> None:
        path, *copies = (f"checkpoints/{name}.npz" for name in names)
        self._tracker.write_artifact(
            path,
            lambda file: save_checkpoint(
                self._network, file, epoch=epoch.number, val_accuracy=epoch.val_accuracy
            ),
            *copies,
        )

    def _save_state(self, file: Path) -> None:
        history = [asdict(epoch) for epoch in self._history]
        save_training_state(self._training.state(), file, history=history, digests=self._digests)

    def _plot(self, name: str, draw: Callable[..., None]) -> None:
        self._tracker.write_artifact(
            f"plots/{name}.png", lambda file: draw(title=self._title, file=file)
        )
