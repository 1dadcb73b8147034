"""The panel that shows what the network sees: 28×28 pixels, each as a block."""

import tkinter as tk

import numpy as np
from PIL import Image, ImageTk

from gui.recognizer import SIDE
from gui.style import palette
from gui.style.signs import grey
from gui.style.theme import Look

SIZE = 280


class PixelView(tk.Label):
    """A small image, enlarged without smoothing."""

    def __init__(self, parent: tk.Misc, look: Look) -> None:
        super().__init__(parent, background=palette.BLACK, borderwidth=0, padx=0, pady=0)
        self._side = look.px(SIZE)
        self.photo = ImageTk.PhotoImage("RGB", (self._side, self._side), master=self)
        self.configure(image=str(self.photo))
        self.show(grey(np.zeros((SIDE, SIDE))))

    def show(self, picture: Image.Image) -> None:
        """Shows a picture, (28, 28) or a square of another size, on the whole panel."""
        enlarged = picture.convert("RGB").resize((self._side, self._side), Image.Resampling.NEAREST)
        self.photo.paste(enlarged)
