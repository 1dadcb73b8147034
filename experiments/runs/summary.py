"""One logged run as lists show it."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from experiments.runs.tags import DIVERGED, HOST, JOURNAL, KIND, PARENT, PRUNED

DIGITS = ("digits", "mnist", "mnist_and_pen")
"""The data sets of handwritten digits, the best ones last."""


UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The start of a run whose store has no possible one."""


@dataclass(frozen=True)
class RunSummary:
    """One logged run as lists show it; parameters and metrics under their logged names."""

    run_id: str
    name: str
    status: str  # RUNNING, FINISHED, FAILED, KILLED
    started: datetime  # UTC
    seconds: float | None  # None while it runs, or if the store has no possible times
    experiment: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]  # the latest of each
    tags: Mapping[str, str]
    artifact_uri: str

    @property
    def val_accuracy(self) -> float:
        """The best so far, 0–1; −1 before the first epoch ended."""
        return self.metrics.get("best_val_accuracy", -1.0)

    @property
    def training_seconds(self) -> float | None:
        """Seconds of the passes over the training data, including those before an interruption."""
        return self.metrics.get("training_seconds")

    @property
    def diverged(self) -> bool:
        """Whether it ended because of NaN or infinity."""
        return self.tags.get(DIVERGED) == "true"

    @property
    def over(self) -> bool:
        """Whether training it again would change nothing: it finished, or diverged."""
        return self.status == "FINISHED" or self.diverged

    @property
    def pruned(self) -> bool:
        """Whether a search stopped it early, and it was not resumed."""
        return self.status == "KILLED" and self.tags.get(PRUNED) == "true"

    @property
    def tuned(self) -> bool:
        """Whether it taught the network of its parent run from drawings."""
        return self.tags.get(KIND) == "tuned"

    @property
    def parent(self) -> str | None:
        """The id of its sweep, or of the run whose network it taught; None without a parent."""
        return self.tags.get(PARENT)

    @property
    def journal(self) -> str:
        """The key of its journal."""
        return self.tags.get(JOURNAL, "")

    @property
    def host(self) -> str:
        """The machine that trained it last."""
        return self.tags.get(HOST, "an unknown machine")

    @property
    def is_local(self) -> bool:
        """Whether this machine trained it last."""
        return self.host == socket.gethostname()

    @property
    def reads_digits(self) -> bool:
        """Whether its network classifies digits, so that the drawing window can use it."""
        return self.params.get("data.name") in DIGITS
