"""The logged runs: ``Tracker`` writes one, ``RunStore`` reads all. Only here is MLflow imported."""

from experiments.runtime.imports import without_collector

with without_collector():  # MLflow
    from experiments.tracking.place import Place
    from experiments.tracking.recovery import clear_up, end_lost_children, lacks_artifacts, recover
    from experiments.tracking.run_store import RunStore
    from experiments.tracking.tracker import Tracker, share

__all__ = [
    "Place",
    "RunStore",
    "Tracker",
    "clear_up",
    "end_lost_children",
    "lacks_artifacts",
    "recover",
    "share",
]
