"""Hydra's own sweeper, for sweeps whose every combination has been checked before."""

from collections.abc import Sequence

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper


class CheckedSweeper(BasicSweeper):
    """Leaves out what ``SweepCallback`` has done already.

    Hydra's sweeper composes every job once more, to see whether it can be: half a second of
    silence for each.
    """

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Nothing is left to check."""
