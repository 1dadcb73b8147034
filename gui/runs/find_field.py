"""The field for the words that a run's row must contain."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.style.theme import Theme


class FindField(ttk.Entry):
    """``on_words`` is called with each new text, ``on_enter`` and ``on_leave`` without one."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        on_words: Callable[[str], None],
        on_enter: Callable[[], object],
        on_leave: Callable[[], object],
    ) -> None:
        self._words = tk.StringVar(parent)
        super().__init__(parent, textvariable=self._words, width=18, font=theme.font(12))
        self._words.trace_add("write", lambda *_: on_words(self._words.get()))
        self._on_leave = on_leave
        self.bind("<FocusIn>", lambda _event: on_enter())
        self.bind("<Escape>", lambda _event: self._empty_and_leave())
        self.bind("<Return>", lambda _event: on_leave())

    def _empty_and_leave(self) -> str:
        self._words.set("")
        self._on_leave()
        return "break"  # the window must not clear the drawing as well
