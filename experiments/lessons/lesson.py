"""What a lesson is: claims about the runs of one sweep, a paragraph, a picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.requirements import Need


@dataclass(frozen=True)
class Claim:
    """One sentence about the runs, whether they show it, and the figures that decide."""

    sentence: str
    holds: bool
    figures: str


@dataclass(frozen=True)
class Lesson:
    """What the runs of ``sweep=lesson_NAME`` teach; ``docs/lessons/NAME.md`` is written from it.

    Every number comes from the runs. ``claims`` allow for seeds and processors, so that one
    which does not show is news. ``picture`` writes a PNG to a file, under a heading. All three
    raise ``LessonError`` for runs of another sweep. ``needs``: by config key, what its values in
    the sweep must be for that, which is checked before any training. ``obstacle`` says why a
    sweep of this config can't be run here, if it is known to need what not everyone has.
    """

    name: str
    title: str
    finding: str
    claims: Callable[[LessonRuns], Sequence[Claim]]
    paragraph: Callable[[LessonRuns], str]
    picture: Callable[[LessonRuns, Path, str], None]
    needs: Mapping[str, Need]
    obstacle: Callable[[DictConfig], str | None] = lambda config: None

    def heading(self, claims: Sequence[Claim]) -> str:
        """What stands above the picture: the finding, unless the runs don't show all of it."""
        holding = sum(claim.holds for claim in claims)
        if holding == len(claims):
            return self.finding
        return f"{self.title}: {holding} of {len(claims)} claims show"
