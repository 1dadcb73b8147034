"""One of several panels at a time, chosen by its name in the heading, or none."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.style.theme import GAP, Look


class Tabs:
    """The names in ``line``, the panels in ``body``; ``on_show`` is told which one came up."""

    def __init__(
        self, line: ttk.Frame, body: tk.Frame, look: Look, on_show: Callable[[str], None]
    ) -> None:
        self.shown = ""
        self._line, self._body, self._look, self._on_show = line, body, look, on_show
        self._buttons: dict[str, ttk.Button] = {}
        self._panels: dict[str, tk.Widget] = {}

    def add(self, name: str, panel: tk.Widget) -> None:
        """Adds a panel, a child of the body, behind those there are."""
        chosen = ttk.Button(
            self._line,
            text=name,
            style="Tab.TButton",
            command=lambda: self.show("" if self.shown == name else name),
            takefocus=False,
            cursor="hand2",
        )
        chosen.pack(side=tk.LEFT, padx=(0, self._look.px(GAP)))
        self._buttons[name], self._panels[name] = chosen, panel

    def show(self, name: str) -> None:
        """Brings a panel up; without a name, leaves the room to the panels above."""
        if self.shown:
            self._panels[self.shown].pack_forget()
            self._buttons[self.shown].configure(style="Tab.TButton")
            self._body.configure(height=1)  # what packed nothing any more keeps its size
        self.shown = name
        if not name:
            return
        self._panels[name].pack(fill=tk.BOTH, expand=True)
        self._buttons[name].configure(style="OnTab.TButton")
        self._on_show(name)
