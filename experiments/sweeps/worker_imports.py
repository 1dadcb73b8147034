"""What would take a worker seconds to import or to find: its server does so, once for all."""

from hydra.core.plugins import Plugins

from experiments.imports import without_collector

with without_collector():
    import experiments.reporting.plots
    import experiments.running
    import experiments.sweeps.plugins
    import experiments.sweeps.sweeping  # noqa: F401

    Plugins.instance()
