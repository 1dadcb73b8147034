"""The window's type and its dark dress for ttk."""

import tkinter as tk
from tkinter import font, ttk
from typing import Literal, TypeAlias

from gui import palette

Anchor: TypeAlias = Literal["w", "center", "e"]
"""Which point of a text lies at its coordinates."""

GAP = 16  # pixels around every panel

_FAMILIES = ("Inter", "SF Pro Text", "Segoe UI", "Ubuntu", "Cantarell", "Noto Sans", "DejaVu Sans")


def family(root: tk.Misc) -> str:
    """The first font family of our choice that this computer has."""
    installed = set(font.families(root))
    return next((name for name in _FAMILIES if name in installed), "TkDefaultFont")


def typeface(root: tk.Misc, pixels: int, weight: str = "normal") -> tuple[str, int, str]:
    """A font for Tk, measured in pixels so that text fits the panels on every display."""
    return family(root), -pixels, weight


def apply(root: tk.Tk | tk.Toplevel) -> None:
    """Dresses ``root`` and every ttk widget in it."""
    root.configure(background=palette.BACKGROUND)
    style = ttk.Style(root)
    style.theme_use("clam")  # the only built-in theme whose colours can all be set
    style.configure(
        ".", background=palette.BACKGROUND, foreground=palette.TEXT, font=typeface(root, 12)
    )
    _dress_labels(root, style)
    _dress_buttons(style)
    _dress_tables(root, style)


def _dress_labels(root: tk.Misc, style: ttk.Style) -> None:
    style.configure("Title.TLabel", foreground=palette.TEXT, font=typeface(root, 13, "bold"))
    style.configure("Caption.TLabel", foreground=palette.DIM)
    style.configure("Positive.TLabel", foreground=palette.POSITIVE)
    style.configure("Negative.TLabel", foreground=palette.NEGATIVE)
    style.configure("Error.TLabel", foreground=palette.ERROR)


def _dress_buttons(style: ttk.Style) -> None:
    style.layout("TButton", [("Button.label", {"sticky": "nswe"})])
    style.configure("TButton", foreground=palette.TEXT, padding=0, width=0, anchor="e")
    style.map("TButton", foreground=[("disabled", palette.DIM), ("active", palette.POSITIVE)])


def _dress_tables(root: tk.Misc, style: ttk.Style) -> None:
    style.layout("Treeview", [("Treeview.treearea", {"sticky": "nswe"})])
    style.configure(
        "Treeview", background=palette.PANEL, fieldbackground=palette.PANEL, rowheight=23
    )
    style.map(
        "Treeview",
        background=[("selected", palette.SELECTED)],
        foreground=[("selected", palette.POSITIVE)],
    )
    style.configure(
        "Treeview.Heading",
        background=palette.PANEL,
        foreground=palette.DIM,
        font=typeface(root, 11),
        relief="flat",
        padding=(4, 4),
    )
    style.map("Treeview.Heading", background=[("active", palette.PANEL)])

    bar = "Vertical.TScrollbar"
    inner = "Vertical.Scrollbar.thumb"
    style.layout(
        bar,
        [
            (
                "Vertical.Scrollbar.trough",
                {"sticky": "ns", "children": [(inner, {"sticky": "nswe"})]},
            )
        ],
    )
    for part in ("troughcolor", "bordercolor", "lightcolor", "darkcolor"):
        style.configure(bar, **{part: palette.PANEL})
    style.configure(bar, background=palette.FAINT, gripcount=0, width=10)
    style.map(bar, background=[("disabled", palette.PANEL)])
