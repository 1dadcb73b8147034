"""One line of text that tells the user what happened."""

import tkinter as tk
from tkinter import ttk

from experiments.runtime.printable import printable
from gui.style.theme import Theme

_LONGEST = 500  # characters: six lines


class MessageLine(ttk.Label):
    """Shows one message, in red if it is an error, until the next one."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(
            parent, style="Caption.TLabel", font=theme.font(11), wraplength=theme.px(640)
        )

    def say(self, message: str, error: bool) -> None:
        """Shows a message."""
        style = "Error.TLabel" if error else "Caption.TLabel"
        self.configure(text=printable(message, _LONGEST), style=style)

    @property
    def said(self) -> tuple[str, bool]:
        """What ``say`` was last called with."""
        return self.cget("text"), str(self.cget("style")) == "Error.TLabel"
