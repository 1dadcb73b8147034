"""What Hydra runs for ``experiments.train``: one run, alone or as a job of a sweep."""

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.cli.exit_status import exit_with, one_line
from experiments.config.compose import CONF
from experiments.config.validation import validate
from experiments.errors import Stopped
from experiments.reporting import terminal
from experiments.runtime.streams import print_error
from experiments.sweeps import callback
from experiments.sweeps.multirun import task_overrides
from experiments.training.report import Silent
from experiments.training.stopping import listen, stop_request


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(config: DictConfig) -> float:
    """Trains; returns the validation accuracy, NaN if there is none."""
    # Here, not above: --help need not wait for MLflow and scikit-learn, which take seconds.
    from experiments.tracking import Place, clear_up
    from experiments.training.run import run, run_name

    hydra_config = HydraConfig.get()
    stop = stop_request(hydra_config)
    membership = callback.membership
    if membership is None:
        try:
            validate(config)
            clear_up(Place.of(config.tracking).journals, print_error)
            listen(stop)
            report = terminal.EpochLines()
            return run(config, name=run_name(config), report=report, watch=stop.watch)
        except Exception as error:
            exit_with(error)  # here: outside, Hydra would print a message of its own first
    if stop.made:
        return float("nan")
    name = membership.name_of(task_overrides(hydra_config)) or run_name(config)
    try:
        return run(
            config,
            name=name,
            report=Silent(),
            parent_run_id=membership.parent_run_id,
            watch=stop.watch,
        )
    except Stopped:
        return float("nan")
    except Exception as error:
        # The run is FAILED in the store; the other runs of the sweep continue.
        print_error(f"{name}: {one_line(error)}")
        return float("nan")
