"""Attacks on trainings, which must leave what the same trainings leave undisturbed."""

from pathlib import Path
from typing import ClassVar

from benchmarks.reliability.attack import Attack
from benchmarks.reliability.commands import SWEEP, succeed
from benchmarks.reliability.runs import Undisturbed, undisturbed


class Disturbance(Attack):
    """Trains with ``arguments`` before the first try; ``expected`` has the runs by their seeds."""

    arguments: ClassVar[tuple[str, ...]] = SWEEP
    expected: dict[str, Undisturbed]

    def prepare(self, folder: Path) -> None:
        succeed(folder, *self.arguments)
        self.expected = undisturbed(folder)
