"""What an attack is: tries that each have a seed, and that fail with one line."""

from abc import ABC, abstractmethod
from pathlib import Path
from random import Random
from typing import ClassVar


class Failed(Exception):
    """A promise that a try found broken; the message is one line."""


def check(holds: object, complaint: str) -> None:
    """Raises ``Failed`` with the complaint unless the promise holds."""
    if not holds:
        raise Failed(complaint)


class Attack(ABC):
    """One way to harm the program.

    ``promise`` is what must hold after each try, for the table. ``tries`` is their number in a
    full measurement, ``quick_tries`` in a quick one.
    """

    name: ClassVar[str]
    promise: ClassVar[str]
    tries: ClassVar[int]
    quick_tries: ClassVar[int] = 2

    def missing(self) -> str | None:
        """What this machine lacks for the attack; None if nothing."""
        return None

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """Makes once, in the new ``folder``, what all tries start from or are compared with."""

    @abstractmethod
    def attempt(self, folder: Path, random: Random) -> None:
        """One try in the empty ``folder``; all choices come from ``random``.

        Raises ``Failed`` if the promise does not hold; any other exception counts as a failure
        too.
        """
