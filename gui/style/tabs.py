"""Several panels in one place: a click on a name shows that panel, or hides it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.style.panels import text_button
from gui.style.theme import GAP, Theme


class Tabs:
    """The names are in ``line``, the panels in ``body``. ``on_show`` gets the name shown."""

    def __init__(
        self, line: ttk.Frame, body: tk.Frame, theme: Theme, on_show: Callable[[str], None]
    ) -> None:
        self.shown = ""
        self._line, self._body, self._theme, self._on_show = line, body, theme, on_show
        self._buttons: dict[str, ttk.Button] = {}
        self._panels: dict[str, tk.Widget] = {}

    def add(self, name: str, panel: tk.Widget) -> None:
        """Adds a panel, a child of the body, as the last tab."""
        button = text_button(
            self._line, name, lambda: self.show("" if self.shown == name else name)
        )
        button.configure(style="Tab.TButton")
        button.pack(side=tk.LEFT, padx=(0, self._theme.px(GAP)))
        self._buttons[name], self._panels[name] = button, panel

    def show(self, name: str) -> None:
        """Shows a panel; without a name, shows none and leaves the space to the panels above."""
        if self.shown:
            self._panels[self.shown].pack_forget()
            self._buttons[self.shown].configure(style="Tab.TButton")
            self._body.configure(height=1)  # an empty frame keeps its last size
        self.shown = name
        if not name:
            return
        self._panels[name].pack(fill=tk.BOTH, expand=True)
        self._buttons[name].configure(style="OnTab.TButton")
        self._on_show(name)
