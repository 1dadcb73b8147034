"""Made-up writers, and the text file in which UCI keeps real ones."""

from collections.abc import Sequence
from typing import TypeAlias

Drawing: TypeAlias = tuple[int, int, Sequence[Sequence[tuple[int, int]]]]
"""Label, writer, strokes with y up."""


def drawings(writers: int) -> list[Drawing]:
    """Each writer's ten digits are zigzags with a corner at a height of his own."""
    return [
        (digit, writer, [[(0, 100), (10 * digit, 10 * writer), (90, 0)], [(0, 0), (30, 5)]])
        for writer in range(1, writers + 1)
        for digit in range(10)
    ]


def unipen(drawings: Sequence[Drawing]) -> str:
    """The text as UCI's file has it."""
    lines = [" .INCLUDE header.doc", '.LEXICON "0" "1"', ".HIERARCHY DIGIT", ""]
    first = 0
    for number, (label, writer, strokes) in enumerate(drawings):
        last = first + len(strokes) - 1
        span = str(first) if last == first else f"{first}-{last}"
        lines += [f'.SEGMENT DIGIT {span} ? "{label}"', f".COMMENT {label} {writer} {number}"]
        for stroke in strokes:
            lines += [".PEN_DOWN", *(f" {x:4d}  {y:3d}" for x, y in stroke), ".PEN_UP", ".DT 100"]
        first = last + 1
    return "\n".join(lines) + "\n"
