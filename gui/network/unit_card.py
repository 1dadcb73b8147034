"""The card beside the pointer that tells about one unit of the network."""

import tkinter as tk
from tkinter import ttk

from PIL import Image, ImageTk

from gui.network.unit import UnitFacts
from gui.style.theme import Look

PICTURE = 140  # its longer side


class UnitCard(tk.Frame):
    """Lies over its window, near the unit, and out of the way of the pointer."""

    def __init__(self, window: tk.Misc, look: Look) -> None:
        super().__init__(window, background=look.palette.border, padx=1, pady=1)
        self._window, self._look = window, look

    def show(self, facts: UnitFacts, place: tuple[int, int]) -> None:
        """Shows the facts left of a place on the screen, or right of it near the edge."""
        look = self._look
        page = ttk.Frame(self, padding=look.px(8))
        page.pack()
        ttk.Label(page, text=facts.name, style="Title.TLabel").pack(anchor=tk.W)
        ttk.Label(page, text=facts.numbers).pack(anchor=tk.W, pady=(0, look.px(6)))
        picture = facts.picture(look.palette)
        block = max(look.px(PICTURE) // max(picture.size), 1)
        size = (picture.width * block, picture.height * block)
        self._photo = ImageTk.PhotoImage(
            picture.resize(size, Image.Resampling.NEAREST), master=self
        )
        ttk.Label(page, image=self._photo).pack(anchor=tk.W)
        ttk.Label(page, text=facts.caption, style="Caption.TLabel").pack(anchor=tk.W)
        self._put(place)

    def _put(self, place: tuple[int, int]) -> None:
        window, gap = self._window, self._look.px(18)
        self.update_idletasks()
        width, height = self.winfo_reqwidth(), self.winfo_reqheight()
        x, y = place[0] - window.winfo_rootx(), place[1] - window.winfo_rooty()
        left = x - gap - width if x - gap - width > 0 else x + gap
        top = min(max(y - height // 2, 0), max(window.winfo_height() - height, 0))
        self.place(x=left, y=top)
        self.tkraise()
