"""The sheet that lists every key."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui import shortcuts
from gui.style.theme import GAP, Look


class HelpSheet(tk.Frame):
    """Lies over the middle of its window until it is clicked; made from the shortcuts."""

    def __init__(self, parent: tk.Misc, look: Look, on_close: Callable[[], None]) -> None:
        super().__init__(parent, background=look.palette.border, padx=1, pady=1)
        page = ttk.Frame(self, padding=look.px(GAP))
        page.pack()
        half = (len(shortcuts.CHAPTERS) + 1) // 2
        for column, chapters in enumerate((shortcuts.CHAPTERS[:half], shortcuts.CHAPTERS[half:])):
            part = ttk.Frame(page)
            part.grid(row=0, column=column, sticky="n", padx=(look.px(2 * GAP) * column, 0))
            row = 0
            for chapter in chapters:
                title = ttk.Label(part, text=chapter.title, style="Title.TLabel")
                title.grid(row=row, column=0, columnspan=2, sticky="w", pady=(look.px(8), 2))
                for shortcut in filter(lambda shortcut: shortcut.keys, chapter.shortcuts):
                    row += 1
                    key = ttk.Label(part, text=shortcut.keys, style="Positive.TLabel")
                    key.grid(row=row, column=0, sticky="w", padx=(0, look.px(GAP)))
                    words = ttk.Label(part, text=shortcut.words)
                    words.grid(row=row, column=1, sticky="w")
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
