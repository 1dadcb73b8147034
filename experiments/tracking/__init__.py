"""The logged runs: ``Tracker`` writes one, ``RunStore`` reads all; MLflow stays behind here."""

from experiments.tracking.connection import RunStoreError
from experiments.tracking.run_store import DIGITS, RunStore, RunSummary
from experiments.tracking.tracker import Tracker

__all__ = ["DIGITS", "RunStore", "RunStoreError", "RunSummary", "Tracker"]
