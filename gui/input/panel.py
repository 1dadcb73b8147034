"""The input panel: the pixels that the network sees, their attribution, or the steps to them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import Image

from gui.input.network_input import NetworkInput
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
        self._why = heading_button(line, "Why", self.toggle_why)
        self._steps = heading_button(line, "Steps", self.toggle_steps)
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

    def toggle_why(self) -> None:
        """Colours the pixels by their attribution, or shows them plainly again."""
        self._input.toggle_why()
        self._changed()

    def toggle_steps(self) -> None:
        """Shows the steps from the drawing to the pixels, or the pixels again."""
        self._input.toggle_steps()
        self._changed()

    def toggle_pipeline(self) -> None:
        """Changes from the re-drawn strokes to the published pipeline, or back."""
        self._input.toggle_pipeline()
        self._show_switches()
        self._on_pipeline()

    def _changed(self) -> None:
        self._show_switches()
        self.pixels.show(self.picture)

    def _show_switches(self) -> None:
        show_switch(self._why, on=self._input.why)
        show_switch(self._steps, on=self._input.steps)
        self._pipeline.configure(text=self._input.pipeline.name)
