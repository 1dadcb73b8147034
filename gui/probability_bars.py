"""Ten bars, one for each digit: how probable the network holds it to be."""

import tkinter as tk

import numpy as np
from numpy.typing import NDArray

from gui import palette, theme

WIDTH, HEIGHT = 280, 160
EDGE = 6
ROW = (HEIGHT - 2 * EDGE) / 10
LEFT, RIGHT = 34, 58  # where the bars begin and end, from either side
MARKS = (palette.POSITIVE, palette.SECOND, palette.THIRD)  # first, second and third
REST = palette.FAINT


class ProbabilityBars(tk.Canvas):
    """The ten probabilities; the three largest are marked and carry their percentage."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(
            parent,
            width=WIDTH,
            height=HEIGHT,
            background=palette.BACKGROUND,
            highlightthickness=0,
            borderwidth=0,
        )
        self._digits = [self._text(18, digit, str(digit), tk.CENTER) for digit in range(10)]
        self._troughs = [self._bar(digit, palette.PANEL) for digit in range(10)]
        self._bars = [self._bar(digit, REST) for digit in range(10)]
        self._percentages = [self._text(WIDTH - 12, digit, "", tk.E) for digit in range(10)]
        for digit in range(10):
            self._stretch(self._troughs[digit], digit, 1)
        self.show(None)

    def show(self, probabilities: NDArray[np.floating] | None) -> None:
        """Shows (10,) probabilities, or none at all."""
        shares = np.zeros(10) if probabilities is None else probabilities
        ranks = np.argsort(np.argsort(-shares, kind="stable"))  # 0: the largest
        for digit, (share, rank) in enumerate(zip(shares.tolist(), ranks.tolist(), strict=True)):
            marked = probabilities is not None and rank < len(MARKS)
            self._stretch(self._bars[digit], digit, share)
            self.itemconfigure(self._bars[digit], fill=MARKS[rank] if marked else REST)
            self.itemconfigure(self._digits[digit], fill=palette.TEXT if marked else palette.DIM)
            self.itemconfigure(self._percentages[digit], text=percent(share) if marked else "")

    def _stretch(self, bar: int, digit: int, share: float) -> None:
        right = LEFT + share * (WIDTH - LEFT - RIGHT)
        self.coords(bar, LEFT, EDGE + digit * ROW + 3, right, EDGE + (digit + 1) * ROW - 3)

    def _bar(self, digit: int, fill: str) -> int:
        return self.create_rectangle(0, 0, 0, 0, fill=fill, width=0, tags=f"bar{digit}")

    def _text(self, x: float, digit: int, text: str, anchor: theme.Anchor) -> int:
        return self.create_text(
            x,
            EDGE + (digit + 0.5) * ROW,
            text=text,
            anchor=anchor,
            fill=palette.DIM,
            font=theme.typeface(self, 12),
        )


def percent(share: float) -> str:
    """A probability for people, rounded down: only certainty reads 100 %."""
    if 0 < share < 0.01:
        return "< 1 %"
    return f"{int(100 * share + 1e-4)} %"
