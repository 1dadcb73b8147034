"""At the end of a lesson's sweep: what it teaches goes to the terminal and to its parent run."""

from experiments.errors import LessonError
from experiments.lessons.lesson import Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import page
from experiments.reporting import terminal
from experiments.runs.summary import RunSummary
from experiments.runs.tags import CLAIMS
from experiments.tracking import RunStore, Tracker

FOLDER = "lesson"
"""Where among the artifacts of the parent run page and picture lie: ``lesson/NAME.md``, ``.png``"""

_BESIDE = ("resume=", "progress=", "tracking.", "launcher=", "hydra")
"""Overrides that don't change what the runs come to."""


def tell(lesson: Lesson, sweep: RunSummary, store: RunStore, tracker: Tracker) -> bool:
    """Whether every claim holds; ``tracker`` writes the parent run, ``sweep`` is a look at it.

    Runs that the lesson is not about cost a line on the error stream, and False.
    """
    tracker.set_tags({CLAIMS: ""})  # a page of earlier is not this one's
    try:
        runs = LessonRuns.of(store, sweep.run_id)
        claims, paragraph = lesson.claims(runs), lesson.paragraph(runs)
        heading = lesson.heading(claims)
        tracker.write_artifact(
            f"{FOLDER}/{lesson.name}.png", lambda file: lesson.picture(runs, file, heading)
        )
    except LessonError as error:
        terminal.print_error(f"lesson {lesson.name}: {error}")
        return False
    text = page(lesson, claims, paragraph, command=_command(sweep), sweep_id=sweep.run_id)
    tracker.write_text(f"{FOLDER}/{lesson.name}.md", text)
    holding = sum(claim.holds for claim in claims)
    tracker.set_tags({CLAIMS: f"{holding} of {len(claims)} hold"})
    terminal.print_text(f"\n{lesson.title}")
    for claim in claims:
        terminal.print_claim(claim.sentence, holds=claim.holds, figures=claim.figures)
    return holding == len(claims)


def _command(sweep: RunSummary) -> str:
    """What makes the same runs."""
    typed = sweep.params["sweep.overrides"].split()
    deciding = [override for override in typed if not override.startswith(_BESIDE)]
    return " ".join(["python -m experiments.train", *deciding])
