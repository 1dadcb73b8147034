"""The prediction at a glance: the digit, its probability, the second digit, and a note."""

import tkinter as tk

from gui.prediction.bars import percent
from gui.recognizer import Prediction
from gui.style.canvas import ThemedCanvas
from gui.style.theme import Theme

WIDTH, HEIGHT = 280, 160
_DOUBT = 0.5  # probability below which an answer is a question


class Verdict(ThemedCanvas):
    """The predicted digit in large type, with its probability, the second digit and a note.

    An answer with less than 50 % is a question, and the digit is grey.
    """

    def __init__(self, parent: tk.Misc, theme: Theme, *, height: int = HEIGHT) -> None:
        self._palette = palette = theme.palette
        super().__init__(parent, theme, WIDTH, height, palette.background)
        large = min(136, height - 24)
        middle = height / 2 - 2
        self._digit = self.add_text(
            64, middle + 4, size=large, fill=palette.positive, anchor=tk.CENTER, weight="bold"
        )
        top = middle - 0.235 * height
        self._share = self.add_text(128, top, size=30, fill=palette.text, anchor=tk.W)
        self._second = self.add_text(130, top + 29, size=13, fill=palette.dim, anchor=tk.W)
        self._note = self.add_text(130, top + 43, size=11, fill=palette.error, anchor=tk.NW)
        self.itemconfigure(self._note, width=theme.px(WIDTH - 136))
        self.show(None)

    def show(self, prediction: Prediction | None, note: str = "") -> None:
        """Shows a prediction and a note on it; or nothing."""
        if prediction is None:
            texts = ("", "", "", "")
        else:
            digit, second = prediction.digit, prediction.runner_up
            share, other = map(percent, prediction.probabilities[[digit, second]].tolist())
            if prediction.confidence < _DOUBT:
                colour, said = self._palette.dim, (f"{digit} or {second}?", f"{share} and {other}")
            else:
                colour, said = self._palette.positive, (share, f"then {second}, {other}")
            self.itemconfigure(self._digit, fill=colour)
            texts = (str(digit), *said, note)
        items = (self._digit, self._share, self._second, self._note)
        for item, text in zip(items, texts, strict=True):
            self.itemconfigure(item, text=text)
