"""Hydra's own sweeper, for sweeps whose every combination has been checked before."""

from collections.abc import Sequence

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

from experiments.runs.renamed import renamed_override


class CheckedSweeper(BasicSweeper):
    """Leaves out what ``SweepCallback`` has done already, and knows the old names of keys.

    Hydra's sweeper composes every job once more, to see whether it can be: half a second of
    silence for each.
    """

    def _parse_config(self) -> list[str]:
        return [renamed_override(text) for text in super()._parse_config()]

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Nothing is left to check."""
