"""The logged runs: ``Tracker`` writes one, ``RunStore`` reads all; MLflow stays behind here."""

from experiments.runtime.imports import without_collector

with without_collector():  # MLflow
    from experiments.tracking.recovery import LOST, Recovered, end_lost_children, recover
    from experiments.tracking.run_store import RunStore
    from experiments.tracking.tracker import Tracker, share

__all__ = ["LOST", "Recovered", "RunStore", "Tracker", "end_lost_children", "recover", "share"]
