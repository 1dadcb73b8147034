"""The Hydra entry of a search: ``python -m experiments.search [overrides]``."""

import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.cli.entry import run_command
from experiments.cli.exit_status import exit_with
from experiments.config.compose import CONF
from experiments.errors import ConfigError
from experiments.sweeps.multirun import task_overrides
from experiments.training.stopping import stop_request


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="search")
def job(config: DictConfig) -> None:
    """The whole search, in this process and its workers."""
    # Here, not above, so that --help is fast: Optuna and MLflow take seconds.
    from experiments.search.search import Search

    try:
        hydra_config = HydraConfig.get()
        stop = stop_request(hydra_config)
        status = Search(config, task_overrides(hydra_config), stop).run()
    except Exception as error:
        exit_with(error)
    raise SystemExit(status)


def main() -> None:
    """Exit status 0; 1 if a trial failed; 2 for bad input; 130 after Ctrl-C."""
    for flag in ("-m", "--multirun"):
        if flag in sys.argv[1:]:
            exit_with(ConfigError(flag, "", "a search is no sweep: its space is in conf/search"))
    run_command(job)


if __name__ == "__main__":
    main()
