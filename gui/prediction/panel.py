"""What one network makes of the drawing: its verdict, its probabilities, its units."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import font, ttk

from gui.network.columns import Floats
from gui.network.unit_card import UnitCard
from gui.network.view import NetworkView
from gui.prediction.bars import ProbabilityBars
from gui.prediction.epochs import EpochScrubber
from gui.prediction.notes import note
from gui.prediction.reader import Reader
from gui.prediction.verdict import Verdict
from gui.recognizer import Prediction
from gui.style.theme import GAP, Look


@dataclass(frozen=True)
class Places:
    """The frames that a reader's widgets go to."""

    line: ttk.Frame  # the heading above the network
    verdict: tk.Misc
    bars: tk.Misc
    network: tk.Misc
    network_size: tuple[int, int]
    verdict_height: int


class ReaderPanel:
    """The widgets of one reader. ``on_epoch`` is called when another epoch of it is wanted."""

    def __init__(
        self, places: Places, look: Look, reader: Reader, on_epoch: Callable[[int | None], None]
    ) -> None:
        self.reader = reader
        self.prediction: Prediction | None = None
        self._window = places.network.winfo_toplevel()
        self._look = look
        self.card: UnitCard | None = None
        self.verdict = Verdict(places.verdict, look, height=places.verdict_height)
        self.verdict.pack()
        self.bars = ProbabilityBars(places.bars, look)
        self.bars.pack()
        self.scrubber = EpochScrubber(places.network, look, on_epoch)
        self.network = NetworkView(
            places.network, look, reader.recognizer.network, places.network_size, self._hover
        )
        self.network.pack(side=tk.TOP, fill=tk.BOTH, expand=True)
        for sign in ("Positive", "Negative"):
            legend = ttk.Label(places.line, text=f"● {sign.lower()}", style=f"{sign}.TLabel")
            legend.pack(side=tk.LEFT, padx=(look.px(GAP), 0))
        self._source_font = font.Font(self._window, look.font(12))
        self.source = ttk.Label(places.line, style="Caption.TLabel", anchor=tk.E)
        self.source.bind("<Configure>", lambda _event: self._name_source())
        self.source.pack(side=tk.RIGHT, fill=tk.X, expand=True, padx=(look.px(8), 0))
        self._name()

    def use(self, reader: Reader) -> None:
        """Changes to another reader, at rest until the next ``show``."""
        self.reader = reader
        self._hide_card()
        self.network.use(reader.recognizer.network)
        self._name()

    def show(self, image: Floats | None, hint: str = "") -> None:
        """Shows what the reader makes of a (28, 28) image, or of nothing."""
        self.prediction = prediction = (
            image if image is None else self.reader.recognizer.recognize(image)
        )
        self.network.show(prediction)
        self.bars.show(None if prediction is None else prediction.probabilities)
        self.verdict.show(prediction, hint or note(self.reader.calibration, prediction))

    def _name(self) -> None:
        self._name_source()
        self.scrubber.show(self.reader.epochs, self.reader.epoch)

    def _name_source(self) -> None:
        """As many of its words as there is room for; the last, an id, tells runs apart."""
        shown = words = self.reader.source
        while " " in words and self._source_font.measure(shown) > self.source.winfo_width():
            words = words.partition(" ")[2]
            shown = f"… {words}"
        self.source.configure(text=shown)

    def _hover(self, unit: tuple[int, int] | None, place: tuple[int, int]) -> None:
        self._hide_card()
        if unit is not None:
            self.card = UnitCard(self._window, self._look)
            self.card.show(self.network.picture.describe(*unit, self.prediction), place)

    def _hide_card(self) -> None:
        if self.card is not None:
            self.card.destroy()
            self.card = None
