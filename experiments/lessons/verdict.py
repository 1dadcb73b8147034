"""The end of a lesson's sweep: its verdict goes to the terminal and to the parent run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.errors import LessonError
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import page
from experiments.reporting import terminal
from experiments.runs.tags import CLAIMS

if TYPE_CHECKING:
    from experiments.lessons.lesson import Lesson
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore, Tracker

FOLDER = "lesson"
"""Of the parent run's artifacts, where page and picture are: ``lesson/NAME.md``, ``.png``"""

_NOT_DECIDING = ("resume=", "progress=", "tracking.", "launcher=", "hydra")
"""Overrides that don't change the results of the runs."""


def tell(lesson: Lesson, sweep: RunSummary, store: RunStore, tracker: Tracker) -> bool:
    """Whether every claim holds; ``tracker`` writes the parent run, ``sweep``.

    For runs of another kind it prints a line on the error stream and returns False.
    """
    tracker.set_tags({CLAIMS: ""})  # an earlier page does not count
    try:
        runs = LessonRuns.of(store, sweep.run_id)
        claims, paragraph = lesson.judge(runs), lesson.paragraph(runs)
        heading = lesson.heading(claims)
        tracker.write_artifact(
            f"{FOLDER}/{lesson.name}.png", lambda file: lesson.draw(runs, heading, file)
        )
    except LessonError as error:
        terminal.print_error(f"lesson {lesson.name}: {error}")
        return False
    text = page(
        lesson.title,
        f"{lesson.name}.png",
        claims,
        paragraph,
        command=_command(sweep),
        sweep_id=sweep.run_id,
    )
    tracker.write_text(f"{FOLDER}/{lesson.name}.md", text)
    holding = sum(claim.holds for claim in claims)
    tracker.set_tags({CLAIMS: f"{holding} of {len(claims)} hold"})
    terminal.print_text(f"\n{lesson.title}")
    for claim in claims:
        terminal.print_claim(claim.sentence, holds=claim.holds, figures=claim.figures)
    return holding == len(claims)


def _command(sweep: RunSummary) -> str:
    """Trains the same runs."""
    typed = sweep.params["sweep.overrides"].split()
    deciding = [override for override in typed if not override.startswith(_NOT_DECIDING)]
    return " ".join(["python -m experiments.train", *deciding])
