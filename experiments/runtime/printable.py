r"""Text of strangers, made fit to be shown: names, parameters, tags, messages of other programs.

Whoever writes to a store, a data set or a checkpoint chooses these texts. Shown as they are,
control characters would move the cursor, and a line break would forge a line of this program.
"""

import logging
import unicodedata
from typing import final

CELL = 250
LINE = 4000


def printable(text: str, longest: int = LINE) -> str:
    r"""``text`` on one line of at most ``longest`` characters, the last of which may be "…".

    Control characters and line breaks are shown as in Python: ``\x1b``, ``\n``, ``\u202e``.
    """
    shown = "".join(map(_shown, text[: longest + 1]))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def printable_lines(text: str) -> str:
    """The same for text with line breaks of our own, such as JSON, which has no limit."""
    return "\n".join("".join(map(_shown, line)) for line in text.split("\n"))


@final
class PrintableFormatter(logging.Formatter):
    """Logs with printable messages; a traceback keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))


def _shown(character: str) -> str:
    control = unicodedata.category(character)[0] == "C"
    if control or character in "\u2028\u2029":  # separators of lines and paragraphs
        return ascii(character)[1:-1]
    return character
