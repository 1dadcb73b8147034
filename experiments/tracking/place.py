"""Where runs are logged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from experiments.runtime.paths import is_address, local_path


@dataclass(frozen=True)
class Place:
    """A store, the experiment in it, and where its artifacts and journals are kept."""

    uri: str | None  # None: MLFLOW_TRACKING_URI, else ./mlflow.db
    experiment: str
    artifacts: str  # a URI
    journals: Path

    @classmethod
    def of(cls, tracking: Any) -> Self:
        """The place that ``config.tracking`` names.

        Raises ``ConfigError`` if the journals are not to be kept on this machine.
        """
        return cls(
            tracking.uri,
            tracking.experiment,
            _artifacts(tracking.artifacts),
            local_path(tracking.journal, "tracking.journal").absolute(),
        )


def _artifacts(place: str) -> str:
    if is_address(place) and not place.startswith("file:"):
        return place
    return local_path(place, "tracking.artifacts").absolute().as_uri()
