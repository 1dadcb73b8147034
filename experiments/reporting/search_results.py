"""The results of the trials of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

End: TypeAlias = Literal["finished", "pruned", "diverged", "failed", "stopped"]
"""How a trial ended; a stopped one will be resumed."""


@dataclass(frozen=True)
class Result:
    """One trial that has ended."""

    end: End
    value: float | None  # the best validation accuracy (0–1), or the last one before pruning
    parameters: Mapping[str, str | float]  # a choice as it is typed

    @property
    def overrides(self) -> list[str]:
        """What to type to train it again."""
        return [f"{key}={value}" for key, value in self.parameters.items()]
