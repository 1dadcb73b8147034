"""Slow imports and Hydra's plugin search, done once in the server that forks the workers."""

from hydra.core.plugins import Plugins

from experiments.runtime.imports import without_collector

with without_collector():
    import experiments.reporting.plots
    import experiments.sweeps.registration
    import experiments.sweeps.sweep
    import experiments.training.run  # noqa: F401

    Plugins.instance()
