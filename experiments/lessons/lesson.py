"""What a lesson is: claims about the runs of one sweep, a paragraph, a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from experiments.errors import LessonError
from experiments.lessons import requirements
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim, page
from experiments.reporting import terminal
from experiments.runs.tags import CLAIMS
from experiments.runtime.streams import print_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore, Tracker

Drawing: TypeAlias = "Callable[[Figure], None]"
"""Fills an empty figure."""

FOLDER = "lesson"
"""Of the parent run's artifacts, where page and picture are: ``lesson/NAME.md``, ``.png``"""

_NOT_DECIDING = ("resume=", "progress=", "tracking.", "launcher=", "hydra")
"""Overrides that don't change the results of the runs."""


@dataclass(frozen=True)
class Lesson:
    """What the runs of one sweep teach; ``docs/lessons/NAME.md`` is written from it.

    The sweep's preset names it: ``hydra.callbacks.sweep.lesson=my_lessons.dropout.LESSON``. So a
    preset in a ``--config-dir`` of your own can have a lesson of your own.

    Every number comes from the runs. ``claims`` leave room for seeds and processors, so a claim
    that does not hold is news. ``picture`` prepares what fills an empty figure; only there is
    matplotlib imported, which takes seconds. All three raise ``LessonError`` for runs of another
    sweep. ``requirements`` are checked before any training: for each config key, what its values
    in the sweep must be. ``obstacle`` says why this machine can't train a (flattened) config, if
    that needs something that not everyone has.
    """

    name: str
    title: str
    finding: str
    claims: Sequence[Callable[[LessonRuns], Claim]]
    paragraph: Callable[[LessonRuns], str]
    picture: Callable[[LessonRuns], Drawing]
    requirements: Mapping[str, requirements.Requirement]
    obstacle: Callable[[Mapping[str, Any]], str | None] = lambda config: None

    def judge(self, runs: LessonRuns) -> list[Claim]:
        return [claim(runs) for claim in self.claims]

    def draw(self, runs: LessonRuns, heading: str, file: Path) -> None:
        from experiments.reporting.axes import framed  # here, because it imports matplotlib

        framed(self.picture(runs), heading, file)

    def heading(self, claims: Sequence[Claim]) -> str:
        """What stands above the picture: the finding, or how many of the claims hold."""
        holding = sum(claim.holds for claim in claims)
        if holding == len(claims):
            return self.finding
        return f"{self.title}: {holding} of {len(claims)} claims hold"

    def check(self, combinations: Sequence[Mapping[str, Any]]) -> None:
        """Raises ``ConfigError`` if runs of these (flattened) configs leave nothing to compare."""
        requirements.check(self.requirements, combinations)

    def tell(self, sweep: RunSummary, store: RunStore, tracker: Tracker) -> bool:
        """Whether every claim holds; writes page and picture to the parent run, ``sweep``.

        For runs of another kind it prints a line on the error stream and returns False.
        """
        tracker.set_tags({CLAIMS: ""})  # an earlier page does not count
        picture = f"{self.name}.png"
        try:
            runs = LessonRuns.of(store, sweep.run_id)
            claims, paragraph = self.judge(runs), self.paragraph(runs)
            heading = self.heading(claims)
            tracker.write_artifact(
                f"{FOLDER}/{picture}", lambda file: self.draw(runs, heading, file)
            )
        except LessonError as error:
            print_error(f"lesson {self.name}: {error}")
            return False
        text = page(self.title, picture, claims, paragraph, _command(sweep), sweep.run_id)
        tracker.write_text(f"{FOLDER}/{self.name}.md", text)
        holding = sum(claim.holds for claim in claims)
        tracker.set_tags({CLAIMS: f"{holding} of {len(claims)} hold"})
        terminal.print_lines(f"\n{self.title}")
        for claim in claims:
            terminal.print_claim(claim.sentence, holds=claim.holds, figures=claim.figures)
        return holding == len(claims)


def _command(sweep: RunSummary) -> str:
    """Trains the same runs."""
    typed = sweep.params["sweep.overrides"].split()
    deciding = [override for override in typed if not override.startswith(_NOT_DECIDING)]
    return " ".join(["python -m experiments.train", *deciding])
