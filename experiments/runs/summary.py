"""One logged run as lists show it."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from experiments.runs.tags import DIVERGED, HOST, JOURNAL, KIND, PARENT, PRUNED

DIGITS = ("digits", "mnist", "mnist_and_pen")
"""The data sets from which a network learns to read handwritten digits, the best ones last."""


@dataclass(frozen=True)
class RunSummary:
    """One logged run as lists show it; parameters and metrics under their logged names."""

    run_id: str
    name: str
    status: str  # RUNNING, FINISHED, FAILED, KILLED
    started: datetime  # UTC
    seconds: float | None  # None while it runs
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
        """What the passes over the training data took, those before an interruption, too."""
        return self.metrics.get("training_seconds")

    @property
    def diverged(self) -> bool:
        """Whether it ended over a number that was none."""
        return self.tags.get(DIVERGED) == "true"

    @property
    def over(self) -> bool:
        """Whether training it again would change nothing: it finished, or diverged."""
        return self.status == "FINISHED" or self.diverged

    @property
    def pruned(self) -> bool:
        """Whether a search gave it up, and nobody went on with it."""
        return self.status == "KILLED" and self.tags.get(PRUNED) == "true"

    @property
    def tuned(self) -> bool:
        """Whether it taught the network of another run, its parent, somebody's hand."""
        return self.tags.get(KIND) == "tuned"

    @property
    def parent(self) -> str | None:
        """The sweep that it belongs to, or the run whose network it taught, if any."""
        return self.tags.get(PARENT)

    @property
    def journal(self) -> str:
        """The key of the journal that it is written through."""
        return self.tags.get(JOURNAL, "")

    @property
    def host(self) -> str:
        """The machine that it was trained on last."""
        return self.tags.get(HOST, "an unknown machine")

    @property
    def is_local(self) -> bool:
        """Whether that is this machine."""
        return self.host == socket.gethostname()

    @property
    def reads_digits(self) -> bool:
        """Whether the drawing window has a use for this network."""
        return self.params.get("data.name") in DIGITS
