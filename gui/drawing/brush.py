"""How wide the pen draws: a slider and its number."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.drawing.canvas import THICKEST, THINNEST
from gui.style.theme import Look


class BrushControl(ttk.Frame):
    """A width in whole canvas pixels; ``on_change`` is called with every new one."""

    def __init__(
        self, parent: tk.Misc, look: Look, width: float, on_change: Callable[[float], None]
    ) -> None:
        super().__init__(parent)
        self.width = width
        self._on_change = on_change
        self._slider = ttk.Scale(
            self,
            from_=THINNEST,
            to=THICKEST,
            value=width,
            length=look.px(70),
            command=lambda value: self.set(float(value)),
            takefocus=False,
        )
        self._slider.pack(side=tk.LEFT, padx=look.px(4))
        self.words = ttk.Label(self, text=f"{width:.0f} px", style="Caption.TLabel", width=5)
        self.words.pack(side=tk.LEFT)

    def set(self, width: float) -> None:
        """Changes to the nearest width that there is."""
        width = min(max(round(width), THINNEST), THICKEST)
        if self._slider.get() != width:  # or it would call this again
            self._slider.set(width)
        elif width != self.width:
            self.width = width
            self.words.configure(text=f"{width} px")
            self._on_change(width)

    def step(self, by: float) -> None:
        """That much wider or thinner."""
        self.set(self.width + by)
