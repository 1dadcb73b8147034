"""The sheet that lists every key."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui import shortcuts
from gui.style.panels import BorderedFrame
from gui.style.theme import GAP, Theme


class HelpSheet(BorderedFrame):
    """Lies over the middle of its window until a click closes it."""

    def __init__(self, parent: tk.Misc, theme: Theme, on_close: Callable[[], None]) -> None:
        super().__init__(parent, theme)
        page = ttk.Frame(self, padding=theme.px(GAP))
        page.pack()
        sections = list(shortcuts.SECTIONS.items())
        half = (len(sections) + 1) // 2
        for column, below in enumerate((sections[:half], sections[half:])):
            part = ttk.Frame(page)
            part.grid(row=0, column=column, sticky="n", padx=(theme.px(2 * GAP) * column, 0))
            row = 0
            for name, section in below:
                title = ttk.Label(part, text=name, style="Title.TLabel")
                title.grid(row=row, column=0, columnspan=2, sticky="w", pady=(theme.px(8), 2))
                for shortcut in filter(lambda shortcut: shortcut.keys, section):
                    row += 1
                    key = ttk.Label(part, text=shortcut.keys, style="Positive.TLabel")
                    key.grid(row=row, column=0, sticky="w", padx=(0, theme.px(GAP)))
                    effect = ttk.Label(part, text=shortcut.effect)
                    effect.grid(row=row, column=1, sticky="w")
                row += 1
        self.place(relx=0.5, rely=0.5, anchor=tk.CENTER)
        self.bind("<Destroy>", lambda event: event.widget is self and on_close())
        self._close_on_click()

    def _close_on_click(self) -> None:
        waiting: list[tk.Misc] = [self]
        while waiting:
            widget = waiting.pop()
            widget.bind("<Button-1>", lambda _event: self.destroy())
            waiting += widget.winfo_children()
