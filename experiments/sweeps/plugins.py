"""Hydra's plugins that this package brings: ``hydra/launcher=local``, ``hydra/sweeper=checked``."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.plugin import Plugin

from experiments.sweeps.launching import TARGET, LocalLauncher

# Hydra instantiates what is named as if it lay in the package of its plugins, nothing else.
_SWEEPER = "hydra_plugins.nnscratch.CheckedSweeper"


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

    _register("launcher", "local", LocalLauncherConf, TARGET, LocalLauncher)
    _register("sweeper", "checked", CheckedSweeperConf, _SWEEPER, CheckedSweeper)


def _register(kind: str, name: str, node: type, target: str, plugin: type[Plugin]) -> None:
    ConfigStore.instance().store(group=f"hydra/{kind}", name=name, node=node)
    Plugins.instance().class_name_to_class[target] = plugin
