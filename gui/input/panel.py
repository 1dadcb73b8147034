"""The input panel: the pixels that the network sees, their attribution, or the steps to them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import Image

from gui.input.network_input import NetworkInput, View
from gui.input.pixels import SIZE, PixelView
from gui.recognizer import Prediction, Recognizer
from gui.style.panels import heading_button, show_switch
from gui.style.theme import Theme


class InputPanel:
    """The picture is in ``body``, the buttons are in ``line``, the heading.

    ``on_pipeline`` is called when the user has changed the pipeline.
    """

    def __init__(
        self,
        line: ttk.Frame,
        body: tk.Frame,
        theme: Theme,
        network_input: NetworkInput,
        recognizer: Recognizer,
        on_pipeline: Callable[[], None],
    ) -> None:
        self._theme, self._input, self._on_pipeline = theme, network_input, on_pipeline
        self._recognizer, self._prediction = recognizer, None
        self.pixels = PixelView(body, theme)
        self.pixels.pack(anchor=tk.N)
        self._why = heading_button(line, "Why", lambda: self.toggle("why"))
        self._steps = heading_button(line, "Steps", lambda: self.toggle("steps"))
        self._pipeline = heading_button(line, "", self.toggle_pipeline)
        self._show_switches()

    @property
    def picture(self) -> Image.Image:
        """The square picture that is shown, before it is enlarged."""
        side, scale = self._theme.px(SIZE), self._theme.scale
        return self._input.picture(self._recognizer, self._prediction, side, scale)

    def show(self, recognizer: Recognizer, prediction: Prediction | None) -> None:
        """Shows the input, and what a recognizer predicted for it, if it did."""
        self._recognizer, self._prediction = recognizer, prediction
        self.pixels.show(self.picture)

    def toggle(self, view: View) -> None:
        """Shows the attribution or the steps instead of the pixels, or the pixels again."""
        self._input.toggle(view)
        self._show_switches()
        self.pixels.show(self.picture)

    def toggle_pipeline(self) -> None:
        """Changes from the re-drawn strokes to the published pipeline, or back."""
        self._input.toggle_pipeline()
        self._show_switches()
        self._on_pipeline()

    def _show_switches(self) -> None:
        show_switch(self._why, on=self._input.view == "why")
        show_switch(self._steps, on=self._input.view == "steps")
        self._pipeline.configure(text=self._input.pipeline.name)
