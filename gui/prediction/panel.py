"""What one network predicts: the widgets for its verdict, its probabilities, its units."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import font, ttk

import numpy as np
from numpy.typing import NDArray

from gui.network.unit_card import UnitCard
from gui.network.view import NetworkView
from gui.prediction.bars import ProbabilityBars
from gui.prediction.epochs import EpochSlider
from gui.prediction.notes import note
from gui.prediction.verdict import Verdict
from gui.recognizer import Prediction
from gui.runs.loaded_network import LoadedNetwork
from gui.style.theme import GAP, Theme


@dataclass(frozen=True)
class Places:
    """The frames for the widgets of one network."""

    line: ttk.Frame  # the heading above the network
    verdict: tk.Misc
    bars: tk.Misc
    network: tk.Misc
    network_size: tuple[int, int]
    verdict_height: int


class PredictionPanel:
    """The widgets of one network. ``on_epoch`` is called when the user chooses another epoch."""

    def __init__(
        self,
        places: Places,
        theme: Theme,
        loaded: LoadedNetwork,
        on_epoch: Callable[[int | None], None],
    ) -> None:
        self.loaded = loaded
        self.prediction: Prediction | None = None
        self._window = places.network.winfo_toplevel()
        self._theme = theme
        self.card: UnitCard | None = None
        self.verdict = Verdict(places.verdict, theme, height=places.verdict_height)
        self.verdict.pack()
        self.bars = ProbabilityBars(places.bars, theme)
        self.bars.pack()
        self.epochs = EpochSlider(places.network, theme, on_epoch)
        self.network = NetworkView(
            places.network, theme, loaded.recognizer.network, places.network_size, self._hover
        )
        self.network.pack(side=tk.TOP, fill=tk.BOTH, expand=True)
        self._legend = {
            side: ttk.Label(places.line, style=style)
            for side, style in (("for", "Positive.TLabel"), ("against", "Negative.TLabel"))
        }
        for label in self._legend.values():
            label.pack(side=tk.LEFT, padx=(theme.px(GAP), 0))
        self._source_font = font.Font(self._window, theme.font(12))
        self.source = ttk.Label(places.line, style="Caption.TLabel", anchor=tk.E)
        self.source.bind("<Configure>", lambda _event: self._show_source())
        self.source.pack(side=tk.RIGHT, fill=tk.X, expand=True, padx=(theme.px(8), 0))
        self._show_run()

    def use(self, loaded: LoadedNetwork) -> None:
        """Changes to another network, which is at rest until the next ``show``."""
        self.loaded = loaded
        self._hide_card()
        self.network.use(loaded.recognizer.network)
        self._show_run()

    def show(self, image: NDArray[np.floating] | None, hint: str = "") -> None:
        """Shows the prediction for a (28, 28) image, or nothing without an image."""
        self.prediction = prediction = (
            None if image is None else self.loaded.recognizer.recognize(image)
        )
        self.network.show(prediction)
        self.bars.show(None if prediction is None else prediction.probabilities)
        digit = "the answer" if prediction is None else prediction.digit
        for side, label in self._legend.items():
            label.configure(text=f"● {side} {digit}")
        self.verdict.show(prediction, hint or note(self.loaded.calibration, prediction))

    def _show_run(self) -> None:
        self._show_source()
        self.epochs.show(self.loaded.epochs, self.loaded.epoch)

    def _show_source(self) -> None:
        """Cuts words from the left where space is short: the last one, an id, tells runs apart."""
        shown = words = self.loaded.source
        while " " in words and self._source_font.measure(shown) > self.source.winfo_width():
            words = words.partition(" ")[2]
            shown = f"… {words}"
        self.source.configure(text=shown)

    def _hover(self, unit: tuple[int, int] | None, place: tuple[int, int]) -> None:
        self._hide_card()
        if unit is not None:
            self.card = UnitCard(self._window, self._theme)
            self.card.show(self.network.picture.describe(*unit, self.prediction), place)

    def _hide_card(self) -> None:
        if self.card is not None:
            self.card.destroy()
            self.card = None
