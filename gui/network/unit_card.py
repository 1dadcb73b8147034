"""The card beside the pointer with the facts about one unit."""

import tkinter as tk
from tkinter import ttk

from PIL import Image, ImageTk

from gui.network.unit_facts import UnitFacts
from gui.style.panels import BorderedFrame
from gui.style.theme import Theme

PICTURE = 140  # the longer side of the weights, in pixels of a normal display


class UnitCard(BorderedFrame):
    """Lies over its window, near the unit and beside the pointer."""

    def __init__(self, window: tk.Misc, theme: Theme) -> None:
        super().__init__(window, theme)
        self._window, self._theme = window, theme

    def show(self, facts: UnitFacts, place: tuple[int, int]) -> None:
        """Shows the facts left of a place on the screen; right of it near the window's border."""
        theme = self._theme
        page = ttk.Frame(self, padding=theme.px(8))
        page.pack()
        ttk.Label(page, text=facts.name, style="Title.TLabel").pack(anchor=tk.W)
        ttk.Label(page, text=facts.numbers).pack(anchor=tk.W, pady=(0, theme.px(6)))
        picture = facts.picture(theme.palette)
        block = max(theme.px(PICTURE) // max(picture.size), 1)
        size = (picture.width * block, picture.height * block)
        self._photo = ImageTk.PhotoImage(
            picture.resize(size, Image.Resampling.NEAREST), master=self
        )
        ttk.Label(page, image=self._photo).pack(anchor=tk.W)
        ttk.Label(page, text=facts.caption, style="Caption.TLabel").pack(anchor=tk.W)
        self._put(place)

    def _put(self, place: tuple[int, int]) -> None:
        window, gap = self._window, self._theme.px(18)
        self.update_idletasks()
        width, height = self.winfo_reqwidth(), self.winfo_reqheight()
        x, y = place[0] - window.winfo_rootx(), place[1] - window.winfo_rooty()
        left = x - gap - width if x - gap - width > 0 else x + gap
        top = min(max(y - height // 2, 0), max(window.winfo_height() - height, 0))
        self.place(x=left, y=top)
        self.tkraise()
