"""The answer in one glance: the digit, large, and how sure the network is."""

import tkinter as tk

from gui import palette, theme
from gui.probability_bars import percent
from gui.recognizer import Prediction

WIDTH, HEIGHT = 280, 160


class Verdict(tk.Canvas):
    """The predicted digit with its probability, and the runner-up."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(
            parent,
            width=WIDTH,
            height=HEIGHT,
            background=palette.BACKGROUND,
            highlightthickness=0,
            borderwidth=0,
        )
        middle = HEIGHT / 2
        self._digit = self._text(84, middle + 2, 136, palette.POSITIVE, tk.CENTER)
        self._share = self._text(158, middle - 14, 30, palette.TEXT, tk.W)
        self._second = self._text(160, middle + 18, 13, palette.DIM, tk.W)
        self.show(None)

    def show(self, prediction: Prediction | None) -> None:
        """Shows a prediction, or that there is nothing to predict."""
        if prediction is None:
            texts = ("", "", "")
        else:
            second = prediction.runner_up
            texts = (
                str(prediction.digit),
                percent(prediction.confidence),
                f"then {second}, {percent(float(prediction.probabilities[second]))}",
            )
        for item, text in zip((self._digit, self._share, self._second), texts, strict=True):
            self.itemconfigure(item, text=text)

    def _text(self, x: float, y: float, pixels: int, fill: str, anchor: theme.Anchor) -> int:
        weight = "bold" if pixels > 100 else "normal"
        font = theme.typeface(self, pixels, weight)
        return self.create_text(x, y, fill=fill, anchor=anchor, font=font)
