"""Hydra's own sweeper without its check of each job."""

from collections.abc import Sequence

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

from experiments.runs.renamed import renamed_override


class CheckedSweeper(BasicSweeper):
    """Skips what ``SweepCallback`` has already done, and knows the old names of keys.

    Hydra's sweeper composes every job once more to check it, which takes half a second each.
    """

    def _parse_config(self) -> list[str]:
        return [renamed_override(text) for text in super()._parse_config()]

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Does nothing."""
