"""What Hydra runs for ``experiments.search``: a whole search, in this process and its workers."""

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from experiments.cli.exit_status import exit_with
from experiments.config.compose import CONF
from experiments.sweeps.multirun import task_overrides
from experiments.training.stopping import stop_request


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="search")
def job(config: DictConfig) -> None:
    """Searches; raises ``SystemExit`` with the exit status."""
    # Here, not above, so that --help is fast: Optuna and MLflow take seconds.
    from experiments.search.search import Search

    try:
        hydra_config = HydraConfig.get()
        stop = stop_request(hydra_config)
        status = Search(config, task_overrides(hydra_config), stop).run()
    except Exception as error:
        exit_with(error)
    raise SystemExit(status)
