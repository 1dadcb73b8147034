"""Where runs are logged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Place:
    """A store, the experiment in it, and the folders of its artifacts and journals."""

    uri: str | None  # None: MLFLOW_TRACKING_URI, else ./mlflow.db
    experiment: str
    artifacts: Path
    journals: Path

    @classmethod
    def of(cls, tracking: Any) -> Self:
        """The place that ``config.tracking`` names."""
        return cls(
            tracking.uri,
            tracking.experiment,
            Path(tracking.artifacts).absolute(),
            Path(tracking.journal).absolute(),
        )
