"""Registers this package's launchers and sweeper with Hydra."""

from hydra.core.plugins import Plugins
from hydra.plugins.plugin import Plugin

from experiments.config.schema import CHECKED_SWEEPER, LOCAL_LAUNCHER, PLUGINS
from experiments.sweeps.cluster_launchers import (
    LocalSubmititLauncher,
    RayLauncher,
    SubmititLauncher,
)
from experiments.sweeps.local_launcher import LocalLauncher


def register_plugins() -> None:
    """Makes them known to Hydra."""
    Plugins.instance()  # it searches for plugins, and so runs the module of its sweeper again
    from experiments.sweeps.checked_sweeper import CheckedSweeper

    plugins: dict[str, type[Plugin]] = {
        LOCAL_LAUNCHER: LocalLauncher,
        CHECKED_SWEEPER: CheckedSweeper,
    }
    # Their settings come with the packages for the clusters.
    for launcher in (RayLauncher, SubmititLauncher, LocalSubmititLauncher):
        plugins[f"{PLUGINS}.{launcher.__name__}"] = launcher
    Plugins.instance().class_name_to_class |= plugins
