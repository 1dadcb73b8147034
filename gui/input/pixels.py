"""The picture of what the network sees: 28×28 pixels, each as a square block."""

import tkinter as tk

from PIL import Image, ImageTk

from gui.style import palette
from gui.style.theme import Theme

SIZE = 280


class PixelView(tk.Label):
    """A small image, enlarged without smoothing."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent, background=palette.BLACK, borderwidth=0, padx=0, pady=0)
        self._side = theme.px(SIZE)
        self.photo = ImageTk.PhotoImage("RGB", (self._side, self._side), master=self)
        self.configure(image=str(self.photo))

    def show(self, picture: Image.Image) -> None:
        """Shows a square picture, enlarged to the whole panel."""
        enlarged = picture.convert("RGB").resize((self._side, self._side), Image.Resampling.NEAREST)
        self.photo.paste(enlarged)
