"""What makes two runs the same: their settings and their data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from omegaconf import DictConfig

from experiments.config.digests import config_digest, deciding, flatten
from experiments.datasets import Splits
from experiments.runs.tags import CONFIG_DIGEST, DATASET_DIGEST, HANDWRITING_DIGEST


@dataclass(frozen=True)
class Identity:
    """Runs with equal tags have the same weights and results."""

    settings: Mapping[str, Any]  # all that decide the result, flat
    tags: Mapping[str, str]  # the digests of settings and data

    @classmethod
    def of(cls, config: DictConfig, splits: Splits) -> Self:
        """The identity of a run with this config on these data."""
        settings = flatten(config)
        tags = {CONFIG_DIGEST: config_digest(settings), DATASET_DIGEST: splits.digest}
        if splits.handwriting is not None:
            tags[HANDWRITING_DIGEST] = splits.handwriting.digest
        return cls(deciding(settings), tags)
