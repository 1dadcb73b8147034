"""A lesson as Markdown."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH = 100


@dataclass(frozen=True)
class Claim:
    """One sentence about the runs, whether they show it, and the figures that decide."""

    sentence: str
    holds: bool
    figures: str


def page(
    title: str, picture: str, claims: Sequence[Claim], paragraph: str, command: str, sweep_id: str
) -> str:
    """The claims with their verdicts, the picture, the paragraph, and which runs they are from."""
    origin = (
        f"The command `{command}` wrote this page from the runs of the sweep `{sweep_id[:8]}`. "
        "`python -m experiments.ui` shows each of these runs."
    )
    listed = "\n".join(map(_claim, claims))
    parts = (f"# {title}", listed, f"![{title}]({picture})", _filled(paragraph), _filled(origin))
    return "\n\n".join(parts) + "\n"


def _claim(claim: Claim) -> str:
    verdict = "Holds" if claim.holds else "Does not hold"
    return _filled(f"- {claim.sentence} *{verdict}: {claim.figures}.*", indent="  ")


def _filled(text: str, *, indent: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
