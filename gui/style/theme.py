"""How the window looks: its colours, its type, and how large a pixel of the design is."""

import tkinter as tk
from dataclasses import dataclass, replace
from tkinter import font, ttk
from typing import Literal, TypeAlias

from gui.style.palette import DARK, LIGHT, Palette

Anchor: TypeAlias = Literal["w", "center", "e", "nw"]
"""Which point of a text lies at its coordinates."""

GAP = 16  # around every panel

_FAMILIES = ("Inter", "SF Pro Text", "Segoe UI", "Ubuntu", "Cantarell", "Noto Sans", "DejaVu Sans")
_NORMAL_DPI = 96
_ROOM = 1250, 768  # pixels of a normal display: the window, and the bars of a desktop


@dataclass(frozen=True)
class Look:
    """The look of one window. Every length in the code is in pixels of a normal display."""

    palette: Palette
    scale: float
    family: str

    def px(self, length: float) -> int:
        """A length on this display."""
        return round(length * self.scale)

    def font(self, pixels: int, weight: str = "normal") -> tuple[str, int, str]:
        """A font for Tk, measured in pixels so that text fits the panels on every display."""
        return self.family, -self.px(pixels), weight

    def other(self) -> "Look":
        """Light instead of dark, or the other way round."""
        return replace(self, palette=LIGHT if self.palette is DARK else DARK)


def look(root: tk.Misc, palette: Palette = DARK, scale: float | None = None) -> Look:
    """The look for the display of ``root``: without a ``scale`` as its resolution asks for.

    That is no more than its screen has room for, and 1 at least. Steps of a half keep every
    pixel of a 28×28 image the same number of pixels large.
    """
    if scale is None:
        wide, high = root.winfo_screenwidth() / _ROOM[0], root.winfo_screenheight() / _ROOM[1]
        half = min(round(2 * root.winfo_fpixels("1i") / _NORMAL_DPI), int(2 * min(wide, high)))
        scale = max(half / 2, 1)
    installed = set(font.families(root))
    family = next((name for name in _FAMILIES if name in installed), "TkDefaultFont")
    return Look(palette, scale, family)


def apply(root: tk.Tk | tk.Toplevel, look: Look) -> None:
    """Dresses ``root`` and every ttk widget in it."""
    palette = look.palette
    root.configure(background=palette.background)
    style = ttk.Style(root)
    style.theme_use("clam")  # the only built-in theme whose colours can all be set
    style.configure(".", background=palette.background, foreground=palette.text, font=look.font(12))
    _dress_labels(style, look)
    _dress_controls(style, look)
    _dress_tables(style, look)


def _dress_labels(style: ttk.Style, look: Look) -> None:
    palette = look.palette
    style.configure("Title.TLabel", foreground=palette.text, font=look.font(13, "bold"))
    style.configure("Caption.TLabel", foreground=palette.dim)
    style.configure("Positive.TLabel", foreground=palette.positive)
    style.configure("Negative.TLabel", foreground=palette.negative)
    style.configure("Error.TLabel", foreground=palette.error)


def _dress_controls(style: ttk.Style, look: Look) -> None:
    palette = look.palette
    style.layout("TButton", [("Button.label", {"sticky": "nswe"})])
    style.configure("TButton", foreground=palette.text, padding=0, width=0, anchor="e")
    style.map("TButton", foreground=[("disabled", palette.faint), ("active", palette.positive)])
    style.configure("On.TButton", foreground=palette.positive)
    style.configure("Tab.TButton", foreground=palette.dim, font=look.font(13, "bold"))
    style.configure("OnTab.TButton", foreground=palette.text, font=look.font(13, "bold"))
    style.layout(
        "TEntry",
        [
            (
                "Entry.field",
                {
                    "sticky": "nswe",
                    "children": [
                        (
                            "Entry.padding",
                            {
                                "sticky": "nswe",
                                "children": [("Entry.textarea", {"sticky": "nswe"})],
                            },
                        )
                    ],
                },
            )
        ],
    )
    style.configure(
        "TEntry",
        fieldbackground=palette.panel,
        foreground=palette.text,
        insertcolor=palette.text,
        bordercolor=palette.border,
        lightcolor=palette.panel,
        darkcolor=palette.panel,
        padding=look.px(2),
    )
    for part in ("troughcolor", "bordercolor", "lightcolor", "darkcolor"):
        style.configure("Horizontal.TScale", **{part: palette.panel})
    style.configure(
        "Horizontal.TScale",
        background=palette.dim,
        sliderlength=look.px(12),
        gripcount=0,
        arrowsize=look.px(12),
        troughcolor=palette.faint,
    )
    style.map("Horizontal.TScale", background=[("active", palette.positive)])


def _dress_tables(style: ttk.Style, look: Look) -> None:
    palette = look.palette
    style.layout("Treeview", [("Treeview.treearea", {"sticky": "nswe"})])
    style.configure(
        "Treeview",
        background=palette.panel,
        fieldbackground=palette.panel,
        foreground=palette.text,
        rowheight=look.px(23),
    )
    style.map(
        "Treeview",
        background=[("selected", palette.selected)],
        foreground=[("selected", palette.positive)],
    )
    style.configure(
        "Treeview.Heading",
        background=palette.panel,
        foreground=palette.dim,
        font=look.font(11),
        relief="flat",
        padding=(look.px(4), look.px(4)),
    )
    style.map(
        "Treeview.Heading",
        background=[("active", palette.panel)],
        foreground=[("active", palette.positive)],
    )

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
        style.configure(bar, **{part: palette.panel})
    style.configure(bar, background=palette.faint, gripcount=0, width=look.px(10))
    style.map(bar, background=[("disabled", palette.panel)])
