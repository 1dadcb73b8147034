"""What the network sees: its pixels, the reasons of its answer, or the steps to them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import Image

from gui.input.pixels import SIZE, PixelView
from gui.input.source import Subject
from gui.prediction.reader import Reader
from gui.recognizer import Prediction
from gui.style.panels import button, switch
from gui.style.theme import Look


class SeenPanel:
    """A picture in ``body``; in ``line``, the heading, the ways to look at ``subject``.

    ``on_pipeline`` is called when the network is to see the subject in the other way.
    """

    def __init__(
        self,
        line: ttk.Frame,
        body: tk.Frame,
        look: Look,
        subject: Subject,
        reader: Reader,
        on_pipeline: Callable[[], None],
    ) -> None:
        self._look, self._subject, self._on_pipeline = look, subject, on_pipeline
        self._reader, self._prediction = reader, None
        self.pixels = PixelView(body, look)
        self.pixels.pack(anchor=tk.N)
        self._why = button(line, "Why", self.toggle_why)
        self._steps = button(line, "Steps", self.toggle_steps)
        self._pipeline = button(line, "", self.toggle_pipeline)
        self._show_switches()

    @property
    def picture(self) -> Image.Image:
        """The square that is shown, of its own size."""
        side, scale = self._look.px(SIZE), self._look.scale
        return self._subject.seen(self._reader, self._prediction, side, scale)

    def show(self, reader: Reader, prediction: Prediction | None) -> None:
        """What a reader makes of the subject, if that is anything."""
        self._reader, self._prediction = reader, prediction
        self.pixels.show(self.picture)

    def toggle_why(self) -> None:
        """Colours the pixels by what speaks for the answer, or no longer."""
        self._subject.toggle_why()
        self._changed()

    def toggle_steps(self) -> None:
        """Shows how the drawing becomes these pixels, or no longer."""
        self._subject.toggle_steps()
        self._changed()

    def toggle_pipeline(self) -> None:
        """From re-drawn strokes to the published pixels, or back."""
        self._subject.toggle_pipeline()
        self._show_switches()
        self._on_pipeline()

    def _changed(self) -> None:
        self._show_switches()
        self.pixels.show(self.picture)

    def _show_switches(self) -> None:
        switch(self._why, on=self._subject.why)
        switch(self._steps, on=self._subject.steps)
        self._pipeline.configure(text=self._subject.pipeline.name)
