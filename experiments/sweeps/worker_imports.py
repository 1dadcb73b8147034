"""What would take a worker seconds to import or to find: its server does so, once for all."""

from hydra.core.plugins import Plugins

from experiments.runtime.imports import without_collector

with without_collector():
    import experiments.reporting.plots
    import experiments.sweeps.registration
    import experiments.sweeps.sweep
    import experiments.training.run  # noqa: F401

    Plugins.instance()
