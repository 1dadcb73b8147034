"""The Hydra entry: ``python -m experiments.train [overrides] [-m]``."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.config.schema import register_schema
from experiments.errors import one_line, status_of
from experiments.sweeps import sweep
from experiments.sweeps.local_launcher import expect_workers
from experiments.sweeps.multirun import task_overrides
from experiments.sweeps.registration import register_plugins
from experiments.training.stopping import Stopped, interrupt, keep_interrupts, listen, stop_request

CONF = Path(__file__).resolve().parents[1] / "conf"


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(config: DictConfig) -> float:
    """One job of Hydra's, alone or in a sweep; returns the validation accuracy."""
    # Here, not above: mlflow and scikit-learn take seconds that --help need not wait for.
    from experiments.reporting import terminal
    from experiments.training.run import clear_up, run, run_name

    hydra_config = HydraConfig.get()
    stop = stop_request(hydra_config)
    membership = sweep.membership
    if membership is None:
        try:
            clear_up(config, terminal.print_error)
            listen(stop)
            report = terminal.EpochLines()
            return run(config, name=run_name(config), report=report, watch=stop.watch)
        except Exception as error:
            exit_with(error)  # from here: Hydra would announce an error in words of its own
    if stop.made:
        return float("nan")
    name = membership.name_of(task_overrides(hydra_config)) or run_name(config)
    try:
        return run(
            config,
            name=name,
            report=terminal.Silent(),
            parent_run_id=membership.parent_run_id,
            watch=stop.watch,
        )
    except Stopped:
        return float("nan")
    except Exception as error:
        # The run is FAILED in the store; the others of the sweep go on.
        terminal.print_error(f"{name}: {one_line(error)}")
        return float("nan")


def main() -> None:
    """Exit status 0; 1 if a run failed; 2 for bad input; 130 after Ctrl-C."""
    expect_workers(sys.argv[1:])
    run_command(job)


def run_command(job: Callable[[], object]) -> None:
    """Runs a Hydra entry; every way that it may end becomes an exit status."""
    debugging = "HYDRA_FULL_ERROR" in os.environ
    # Hydra would print its own errors on several lines and exit with 1; this hands them over.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        keep_interrupts()
        signal.signal(signal.SIGTERM, interrupt)
        register_schema()
        register_plugins()
        job()
    except BaseException as error:
        sweep.abandon(error)
        if debugging:
            raise
        exit_with(error)


def exit_with(error: BaseException) -> NoReturn:
    """Ends with one line for what a user can mend; a bug keeps its traceback."""
    status = status_of(error)
    if status is None:
        raise error
    from experiments.reporting import terminal

    terminal.print_error(one_line(error))
    raise SystemExit(status) from None


if __name__ == "__main__":
    main()
