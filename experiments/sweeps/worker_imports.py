"""What would take a worker seconds to import or to find: its server does so, once for all."""

from hydra.core.plugins import Plugins

from experiments.runtime.imports import without_collector

with without_collector():
    Plugins.instance()
