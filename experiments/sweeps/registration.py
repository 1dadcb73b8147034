"""Hydra's plugins that this package brings: ``hydra/launcher=local``, ``hydra/sweeper=checked``."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.plugin import Plugin

from experiments.sweeps.cluster_launchers import (
    LocalSubmititLauncher,
    RayLauncher,
    SubmititLauncher,
)
from experiments.sweeps.local_launcher import TARGET, LocalLauncher

# Hydra instantiates what is named as if it lay in the package of its plugins, nothing else.
_PACKAGE = "hydra_plugins.nnscratch"
_SWEEPER = f"{_PACKAGE}.CheckedSweeper"


@dataclass
class LocalLauncherConf:
    _target_: str = TARGET
    n_jobs: int = -1  # processes; -1: one per core


@dataclass
class CheckedSweeperConf:
    _target_: str = _SWEEPER
    max_batch_size: int | None = None
    params: dict[str, str] | None = None


def register_plugins() -> None:
    """Makes them known to Hydra."""
    Plugins.instance()  # looks for plugins, and by that executes the module of its sweeper anew
    from experiments.sweeps.checked_sweeper import CheckedSweeper

    ConfigStore.instance().store(group="hydra/launcher", name="local", node=LocalLauncherConf)
    ConfigStore.instance().store(group="hydra/sweeper", name="checked", node=CheckedSweeperConf)
    plugins: dict[str, type[Plugin]] = {TARGET: LocalLauncher, _SWEEPER: CheckedSweeper}
    # Their settings come with the packages that bring the clusters.
    for launcher in (RayLauncher, SubmititLauncher, LocalSubmititLauncher):
        plugins[f"{_PACKAGE}.{launcher.__name__}"] = launcher
    Plugins.instance().class_name_to_class |= plugins
