"""Ten bars: the probability of each digit."""

import tkinter as tk

import numpy as np
from numpy.typing import NDArray

from gui.style.canvas import ThemedCanvas
from gui.style.theme import Anchor, Theme

WIDTH, HEIGHT = 280, 160
EDGE = 6
ROW = (HEIGHT - 2 * EDGE) / 10
LEFT, RIGHT = 34, 58  # space on either side of the bars


class ProbabilityBars(ThemedCanvas):
    """The ten probabilities; the three largest are marked and carry their percentage."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        palette = self._palette = theme.palette
        super().__init__(parent, theme, WIDTH, HEIGHT, palette.background)
        self._known: dict[tuple[int, str], object] = {}  # the current value, by item and option
        self._marks = (palette.positive, palette.second, palette.third)  # first, second, third
        self._digits = [self._text(18, digit, str(digit), tk.CENTER) for digit in range(10)]
        self._troughs = [self._bar(digit, palette.panel) for digit in range(10)]
        self._bars = [self._bar(digit, palette.faint) for digit in range(10)]
        self._percentages = [self._text(WIDTH - 12, digit, "", tk.E) for digit in range(10)]
        for digit in range(10):
            self._stretch(self._troughs[digit], digit, 1)
        self.show(None)

    def show(self, probabilities: NDArray[np.floating] | None) -> None:
        """Shows (10,) probabilities, or empty bars."""
        palette = self._palette
        shares = np.zeros(10) if probabilities is None else probabilities
        ranks = np.argsort(np.argsort(-shares, kind="stable"))  # 0: the largest
        for digit, (share, rank) in enumerate(zip(shares.tolist(), ranks.tolist(), strict=True)):
            marked = probabilities is not None and rank < len(self._marks)
            self._stretch(self._bars[digit], digit, share)
            self._set(self._bars[digit], "fill", self._marks[rank] if marked else palette.faint)
            self._set(self._digits[digit], "fill", palette.text if marked else palette.dim)
            self._set(self._percentages[digit], "text", percent(share) if marked else "")

    # Most of the forty values stay the same while the user draws. Setting all of them again took
    # a tenth of the time of a prediction.
    def _set(self, item: int, option: str, value: str) -> None:
        if self._known.get((item, option)) != value:
            self._known[item, option] = value
            self.itemconfigure(item, {option: value})

    def _stretch(self, bar: int, digit: int, share: float) -> None:
        right = self._theme.px(LEFT + share * (WIDTH - LEFT - RIGHT))
        if self._known.get((bar, "right")) != right:
            self._known[bar, "right"] = right
            left, top, bottom = LEFT, EDGE + digit * ROW + 3, EDGE + (digit + 1) * ROW - 3
            scale = self._theme.scale
            self.coords(bar, left * scale, top * scale, right, bottom * scale)

    def _bar(self, digit: int, fill: str) -> int:
        return self.create_rectangle(0, 0, 0, 0, fill=fill, width=0, tags=f"bar{digit}")

    def _text(self, x: float, digit: int, text: str, anchor: Anchor) -> int:
        y = EDGE + (digit + 0.5) * ROW
        return self.add_text(x, y, text, size=12, fill=self._palette.dim, anchor=anchor)


def percent(share: float) -> str:
    """A probability in percent, rounded down, so that only 1 is 100 %."""
    if 0 < share < 0.01:
        return "< 1 %"
    return f"{int(100 * share + 1e-4)} %"
