"""What would take a worker seconds to import: its server does so, once for all of them."""

from experiments.imports import without_collector

with without_collector():
    import experiments.reporting.plots
    import experiments.running  # noqa: F401
