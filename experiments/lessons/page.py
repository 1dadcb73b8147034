"""A lesson as Markdown."""

import textwrap
from collections.abc import Sequence

from experiments.lessons.lesson import Claim, Lesson

_WIDTH = 100


def page(
    lesson: Lesson, claims: Sequence[Claim], paragraph: str, *, command: str, sweep_id: str
) -> str:
    """The claims and what became of them, the picture, the paragraph, where it all comes from."""
    origin = (
        f"Written from the runs of the sweep `{sweep_id[:8]}`, by `{command}`; "
        "`python -m experiments.ui` shows every one of them."
    )
    return "\n".join(
        [
            f"# {lesson.title}",
            "",
            *(_claim(claim) for claim in claims),
            "",
            f"![{lesson.title}]({lesson.name}.png)",
            "",
            textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False),
            "",
            textwrap.fill(origin, _WIDTH, break_long_words=False, break_on_hyphens=False),
            "",
        ]
    )


def _claim(claim: Claim) -> str:
    verdict = "Holds" if claim.holds else "Does not show"
    return textwrap.fill(
        f"- {claim.sentence} *{verdict}: {claim.figures}.*",
        _WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
