"""What became of the trials of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

End: TypeAlias = Literal["finished", "pruned", "diverged", "failed", "stopped"]
"""How a trial ended; a stopped one will be gone on with."""


@dataclass(frozen=True)
class Result:
    """One trial that is over."""

    end: End
    value: float | None  # the validation accuracy, 0–1: the best, or where it was pruned
    parameters: Mapping[str, str | float]  # a choice as the text that one types

    @property
    def overrides(self) -> list[str]:
        """What one types to train it again."""
        return [f"{key}={value}" for key, value in self.parameters.items()]
