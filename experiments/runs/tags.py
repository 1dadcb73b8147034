"""The tags of runs, and the search conditions for them."""

from typing import Literal, TypeAlias

RunKind: TypeAlias = Literal["run", "sweep", "search", "tuned"]
KIND = "nnscratch.kind"
PARENT = "mlflow.parentRunId"
JOURNAL = "nnscratch.journal"  # the key of the run's journal
HOST = "nnscratch.host"  # the machine that holds the journal
ERROR = "nnscratch.error"
DIVERGED = "nnscratch.diverged"
CONFIG_DIGEST = "nnscratch.config_digest"
DATASET_DIGEST = "nnscratch.dataset_digest"
HANDWRITING_DIGEST = "nnscratch.handwriting_digest"  # of the drawings that a run is tested on
PRUNED = "nnscratch.pruned"
STUDY = "nnscratch.study"
WEIGHTS_DIGEST = "nnscratch.weights_digest"  # after the last epoch
DRAWINGS = "nnscratch.drawings"  # the version of the own drawings that it was tuned on
SWEEP_DIGEST = "nnscratch.sweep_digest"
CLAIMS = "nnscratch.claims"  # how many claims of a lesson hold; empty before the verdict


def shared_by(parent_run_id: str) -> str:
    """The tag of a run that another sweep made and that this sweep counts as its own."""
    return f"nnscratch.shared_by.{parent_run_id}"


def tag_is(name: str, value: str) -> str:
    """The search condition for a tag."""
    return f"tags.`{name}` = '{value}'"
