"""One trial of a search, as a worker process trains it."""

from dataclasses import dataclass

from omegaconf import DictConfig
from optuna import Trial

from experiments.cli.exit_status import one_line
from experiments.errors import Pruned, Stopped
from experiments.reporting.search_results import End
from experiments.training.report import Silent
from experiments.training.run import run
from experiments.training.stopping import StopRequest
from nnscratch import DivergenceError, Epoch


@dataclass(frozen=True)
class Outcome:
    """How a trial ended, and its validation accuracy (0–1) if it finished."""

    end: End
    val_accuracy: float | None = None
    error: str = ""


@dataclass(frozen=True)
class TrialJob:
    """One training, with its trial, which has the connection to the study."""

    trial: Trial
    config: DictConfig
    name: str
    parent_run_id: str
    stop: StopRequest

    def run(self) -> Outcome:
        """Trains to the end, or until the trial is pruned."""
        try:
            accuracy = run(
                self.config,
                name=self.name,
                report=Silent(),
                parent_run_id=self.parent_run_id,
                watch=self._watch,
            )
        except Pruned:
            return Outcome("pruned")
        except Stopped:
            return Outcome("stopped")
        except DivergenceError as error:
            return Outcome("diverged", error=one_line(error))
        except Exception as error:
            return Outcome("failed", error=one_line(error))
        return Outcome("finished", accuracy)

    def _watch(self, epoch: Epoch) -> None:
        self.stop.watch(epoch)
        self.trial.report(epoch.val_accuracy or 0.0, epoch.number)
        if self.trial.should_prune():
            raise Pruned(f"pruned after epoch {epoch.number}: others were better at that point")
