"""The panel that shows what the network sees: 28×28 pixels, each as a block of 10×10."""

import tkinter as tk

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageTk

from gui import palette

SIZE = 280


class PixelView(tk.Label):
    """An image in [0, 1], enlarged without smoothing."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(parent, background=palette.BLACK, borderwidth=0, padx=0, pady=0)
        self._photo = ImageTk.PhotoImage("L", (SIZE, SIZE), master=self)
        self.configure(image=str(self._photo))
        self.show(np.zeros((28, 28)))

    def show(self, image: NDArray[np.floating]) -> None:
        """Shows a (28, 28) image."""
        self._photo.paste(enlarge(image))


def enlarge(image: NDArray[np.floating]) -> Image.Image:
    """(28, 28) in [0, 1] -> a grey picture of 280×280 in which every pixel stays a square."""
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((SIZE, SIZE), Image.Resampling.NEAREST)
