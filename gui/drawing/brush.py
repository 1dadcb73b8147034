"""The width of the brush: a slider and its number."""

import tkinter as tk
from tkinter import ttk

from gui.drawing.canvas import THICKEST, THINNEST, DrawingCanvas
from gui.style.theme import Theme


class BrushControl(ttk.Frame):
    """Sets the width of a canvas's brush, in whole canvas pixels."""

    def __init__(self, parent: tk.Misc, theme: Theme, canvas: DrawingCanvas) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._slider = ttk.Scale(
            self,
            from_=THINNEST,
            to=THICKEST,
            value=canvas.width,
            length=theme.px(70),
            command=lambda value: self.set(float(value)),
            takefocus=False,
        )
        self._slider.pack(side=tk.LEFT, padx=theme.px(4))
        self.label = ttk.Label(self, text=f"{canvas.width:.0f} px", style="Caption.TLabel", width=5)
        self.label.pack(side=tk.LEFT)

    def set(self, width: float) -> None:
        """Changes to the nearest width between the thinnest and the thickest."""
        width = min(max(round(width), THINNEST), THICKEST)
        if self._slider.get() != width:  # the slider then calls this method again
            self._slider.set(width)
        self._canvas.width = width
        self.label.configure(text=f"{width} px")

    def step(self, by: float) -> None:
        """Makes the brush wider, or thinner if ``by`` is negative."""
        self.set(self._canvas.width + by)
