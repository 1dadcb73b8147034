"""What every panel of the window has: a heading above it, a thin frame around it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui import palette, theme


def heading(
    parent: tk.Misc, text: str, *, row: int, column: int, columnspan: int = 1, height: int = 28
) -> ttk.Frame:
    """A line of the grid of ``parent``: the panel's name on the left, room on the right."""
    line = ttk.Frame(parent, height=height)
    left, top = (theme.GAP if column else 0), (theme.GAP - 4 if row else 0)
    line.grid(
        row=row, column=column, columnspan=columnspan, sticky="ew", padx=(left, 0), pady=(top, 0)
    )
    line.pack_propagate(False)
    ttk.Label(line, text=text, style="Title.TLabel").pack(side=tk.LEFT)
    return line


def frame(
    parent: tk.Misc, *, row: int, column: int, rowspan: int = 1, columnspan: int = 1
) -> tk.Frame:
    """A thin border in the grid of ``parent``, for one panel to fill."""
    border = tk.Frame(parent, background=palette.BORDER, padx=1, pady=1)
    border.grid(
        row=row,
        column=column,
        rowspan=rowspan,
        columnspan=columnspan,
        sticky="nsew",
        padx=(theme.GAP if column else 0, 0),
    )
    return border


def button(line: ttk.Frame, text: str, command: Callable[[], None]) -> ttk.Button:
    """A button at the right end of a heading."""
    made = ttk.Button(line, text=text, command=command, takefocus=False, cursor="hand2")
    made.pack(side=tk.RIGHT)
    return made
