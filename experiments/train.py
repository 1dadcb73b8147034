"""The Hydra entry: ``python -m experiments.train [overrides] [-m]``."""

import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.cli.entry import run_command
from experiments.cli.exit_status import exit_with, one_line
from experiments.config.compose import CONF
from experiments.errors import Stopped
from experiments.reporting import terminal
from experiments.sweeps import callback
from experiments.sweeps.local_launcher import expect_workers
from experiments.sweeps.multirun import task_overrides
from experiments.sweeps.registration import register_plugins
from experiments.training.report import Silent
from experiments.training.stopping import listen, stop_request


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(config: DictConfig) -> float:
    """One run, alone or in a sweep; returns its validation accuracy."""
    # Here, not above: --help need not wait for MLflow and scikit-learn, which take seconds.
    from experiments.tracking import Place, clear_up
    from experiments.training.run import run, run_name

    hydra_config = HydraConfig.get()
    stop = stop_request(hydra_config)
    membership = callback.membership
    if membership is None:
        try:
            clear_up(Place.of(config.tracking).journals, terminal.print_error)
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
        terminal.print_error(f"{name}: {one_line(error)}")
        return float("nan")


def main() -> None:
    """Exit status 0; 1 if a run failed; 2 for bad input; 130 after Ctrl-C."""
    expect_workers(sys.argv[1:])
    register_plugins()
    run_command(job, on_error=callback.abandon)


if __name__ == "__main__":
    main()
