"""The width of the brush: a slider and its number."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.drawing.canvas import THICKEST, THINNEST
from gui.style.theme import Theme


class BrushControl(ttk.Frame):
    """A width in whole canvas pixels. ``on_change`` is called with each new width."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, width: float, on_change: Callable[[float], None]
    ) -> None:
        super().__init__(parent)
        self.width = width
        self._on_change = on_change
        self._slider = ttk.Scale(
            self,
            from_=THINNEST,
            to=THICKEST,
            value=width,
            length=theme.px(70),
            command=lambda value: self.set(float(value)),
            takefocus=False,
        )
        self._slider.pack(side=tk.LEFT, padx=theme.px(4))
        self.label = ttk.Label(self, text=f"{width:.0f} px", style="Caption.TLabel", width=5)
        self.label.pack(side=tk.LEFT)

    def set(self, width: float) -> None:
        """Changes to the nearest width between the thinnest and the thickest."""
        width = min(max(round(width), THINNEST), THICKEST)
        if self._slider.get() != width:  # the slider then calls this method again
            self._slider.set(width)
        elif width != self.width:
            self.width = width
            self.label.configure(text=f"{width} px")
            self._on_change(width)

    def step(self, by: float) -> None:
        """Makes the brush wider, or thinner if ``by`` is negative."""
        self.set(self.width + by)
