"""What the panels have in common: a heading, a thin border, buttons."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.style.theme import GAP, Theme


class BorderedFrame(tk.Frame):
    """A frame with a thin border, for one widget to fill."""

    def __init__(self, parent: tk.Misc, theme: Theme) -> None:
        super().__init__(parent, background=theme.palette.border, padx=1, pady=1)


def heading(
    parent: tk.Misc,
    theme: Theme,
    text: str,
    *,
    row: int,
    column: int,
    columnspan: int = 1,
    height: int = 28,
) -> ttk.Frame:
    """A line in the grid of ``parent``: the panel's name on the left, free space on the right."""
    line = ttk.Frame(parent, height=theme.px(height))
    left, top = (theme.px(GAP) if column else 0), (theme.px(GAP - 4) if row else 0)
    line.grid(
        row=row, column=column, columnspan=columnspan, sticky="ew", padx=(left, 0), pady=(top, 0)
    )
    line.pack_propagate(False)
    if text:
        ttk.Label(line, text=text, style="Title.TLabel").pack(side=tk.LEFT)
    return line


def frame(
    parent: tk.Misc, theme: Theme, *, row: int, column: int, rowspan: int = 1, columnspan: int = 1
) -> BorderedFrame:
    """A bordered frame in the grid of ``parent``."""
    border = BorderedFrame(parent, theme)
    border.grid(
        row=row,
        column=column,
        rowspan=rowspan,
        columnspan=columnspan,
        sticky="nsew",
        padx=(theme.px(GAP) if column else 0, 0),
    )
    return border


def text_button(parent: tk.Misc, text: str, command: Callable[[], object]) -> ttk.Button:
    """A button that looks like a word. The Tab key does not stop at it."""
    return ttk.Button(parent, text=text, command=command, takefocus=False, cursor="hand2")


def heading_button(line: ttk.Frame, text: str, command: Callable[[], object]) -> ttk.Button:
    """A button at the right end of a heading, left of the buttons that are already there."""
    button = text_button(line, text, command)
    button.pack(side=tk.RIGHT, padx=(8, 0))
    return button


def show_switch(button: ttk.Button, *, on: bool) -> None:
    """Shows a button as on or off."""
    button.configure(style="On.TButton" if on else "TButton")
