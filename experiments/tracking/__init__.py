"""The logged runs: ``Tracker`` writes one, ``RunStore`` reads all; MLflow stays behind here."""

from experiments.tracking.connection import RunStoreError
from experiments.tracking.run_store import RunStore, RunSummary
from experiments.tracking.tracker import Tracker

__all__ = ["RunStore", "RunStoreError", "RunSummary", "Tracker"]
