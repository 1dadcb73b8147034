"""The logged runs: ``Tracker`` writes one, ``RunStore`` reads all; MLflow stays behind here."""

from experiments.runtime.imports import without_collector

with without_collector():  # MLflow
    from experiments.runs.tags import (
        CLAIMS,
        DATASET_DIGEST,
        DIVERGED,
        DRAWINGS,
        ERROR,
        HANDWRITING_DIGEST,
        PRUNED,
        STUDY,
        SWEEP_DIGEST,
        WEIGHTS_DIGEST,
    )
    from experiments.tracking.connection import RunStoreError
    from experiments.tracking.reasons import masked
    from experiments.tracking.recovery import LOST, Recovered, end_lost_children, recover
    from experiments.tracking.run_store import DIGITS, RunStore, RunSummary
    from experiments.tracking.tracker import Tracker, share

__all__ = [
    "CLAIMS",
    "DATASET_DIGEST",
    "DIGITS",
    "DIVERGED",
    "DRAWINGS",
    "ERROR",
    "HANDWRITING_DIGEST",
    "LOST",
    "PRUNED",
    "STUDY",
    "SWEEP_DIGEST",
    "WEIGHTS_DIGEST",
    "Recovered",
    "RunStore",
    "RunStoreError",
    "RunSummary",
    "Tracker",
    "end_lost_children",
    "masked",
    "recover",
    "share",
]
