"""What every panel of the window has: a heading above it, a thin frame around it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.style.theme import GAP, Look


def heading(
    parent: tk.Misc,
    look: Look,
    text: str,
    *,
    row: int,
    column: int,
    columnspan: int = 1,
    height: int = 28,
) -> ttk.Frame:
    """A line of the grid of ``parent``: the panel's name on the left, room on the right."""
    line = ttk.Frame(parent, height=look.px(height))
    left, top = (look.px(GAP) if column else 0), (look.px(GAP - 4) if row else 0)
    line.grid(
        row=row, column=column, columnspan=columnspan, sticky="ew", padx=(left, 0), pady=(top, 0)
    )
    line.pack_propagate(False)
    if text:
        ttk.Label(line, text=text, style="Title.TLabel").pack(side=tk.LEFT)
    return line


def frame(
    parent: tk.Misc, look: Look, *, row: int, column: int, rowspan: int = 1, columnspan: int = 1
) -> tk.Frame:
    """A thin border in the grid of ``parent``, for one panel to fill."""
    border = tk.Frame(parent, background=look.palette.border, padx=1, pady=1)
    border.grid(
        row=row,
        column=column,
        rowspan=rowspan,
        columnspan=columnspan,
        sticky="nsew",
        padx=(look.px(GAP) if column else 0, 0),
    )
    return border


def button(line: ttk.Frame, text: str, command: Callable[[], object]) -> ttk.Button:
    """A button at the right end of a heading, left of those that are there."""
    made = ttk.Button(line, text=text, command=command, takefocus=False, cursor="hand2")
    made.pack(side=tk.RIGHT, padx=(8, 0))
    return made


def switch(made: ttk.Button, *, on: bool) -> None:
    """Shows a button as on or off."""
    made.configure(style="On.TButton" if on else "TButton")
