"""The answer in one glance: the digit, large, how sure the network is, and what to mind."""

import tkinter as tk

from gui.prediction.bars import percent
from gui.recognizer import Prediction
from gui.style.theme import Anchor, Look

WIDTH, HEIGHT = 280, 160


class Verdict(tk.Canvas):
    """The predicted digit with its probability, the runner-up, and a note if there is reason."""

    def __init__(self, parent: tk.Misc, look: Look, *, height: int = HEIGHT) -> None:
        palette = look.palette
        super().__init__(
            parent,
            width=look.px(WIDTH),
            height=look.px(height),
            background=palette.background,
            highlightthickness=0,
            borderwidth=0,
        )
        self._look = look
        large = min(136, height - 24)
        middle = height / 2 - 2
        self._digit = self._text(64, middle + 4, large, palette.positive, tk.CENTER)
        top = middle - 0.235 * height
        self._share = self._text(128, top, 30, palette.text, tk.W)
        self._second = self._text(130, top + 29, 13, palette.dim, tk.W)
        self._note = self._text(130, top + 43, 11, palette.error, tk.NW)
        self.itemconfigure(self._note, width=look.px(WIDTH - 136))
        self.show(None)

    def show(self, prediction: Prediction | None, note: str = "") -> None:
        """Shows a prediction, or that there is nothing to predict."""
        if prediction is None:
            texts = ("", "", "", "")
        else:
            second = prediction.runner_up
            texts = (
                str(prediction.digit),
                percent(prediction.confidence),
                f"then {second}, {percent(float(prediction.probabilities[second]))}",
                note,
            )
        items = (self._digit, self._share, self._second, self._note)
        for item, text in zip(items, texts, strict=True):
            self.itemconfigure(item, text=text)

    def _text(self, x: float, y: float, pixels: int, fill: str, anchor: Anchor) -> int:
        font = self._look.font(pixels, "bold" if pixels > 80 else "normal")
        place = self._look.px(x), self._look.px(y)
        return self.create_text(*place, fill=fill, anchor=anchor, font=font)
