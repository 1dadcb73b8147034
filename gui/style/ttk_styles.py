"""The colours and fonts of the ttk widgets."""

import tkinter as tk
from tkinter import ttk
from typing import Any

from gui.style.theme import Theme


def apply(root: tk.Tk | tk.Toplevel, theme: Theme) -> None:
    """Sets the colours and fonts of ``root`` and of every ttk widget in it."""
    palette = theme.palette
    root.configure(background=palette.background)
    style = ttk.Style(root)
    style.theme_use("clam")  # the only built-in theme whose colours can all be set
    style.configure(
        ".", background=palette.background, foreground=palette.text, font=theme.font(12)
    )
    _configure_labels(style, theme)
    _configure_controls(style, theme)
    _configure_tables(style, theme)
    _configure_scrollbars(style, theme)


def _configure_labels(style: ttk.Style, theme: Theme) -> None:
    palette = theme.palette
    style.configure("Title.TLabel", foreground=palette.text, font=theme.font(13, "bold"))
    style.configure("Caption.TLabel", foreground=palette.dim)
    style.configure("Positive.TLabel", foreground=palette.positive)
    style.configure("Negative.TLabel", foreground=palette.negative)
    style.configure("Error.TLabel", foreground=palette.error)


def _configure_controls(style: ttk.Style, theme: Theme) -> None:
    palette = theme.palette
    style.layout("TButton", _filled("Button.label"))
    style.configure("TButton", foreground=palette.text, padding=0, width=0, anchor="e")
    style.map("TButton", foreground=[("disabled", palette.faint), ("active", palette.positive)])
    style.configure("On.TButton", foreground=palette.positive)
    style.configure("Tab.TButton", foreground=palette.dim, font=theme.font(13, "bold"))
    style.configure("OnTab.TButton", foreground=palette.text, font=theme.font(13, "bold"))
    style.layout("TEntry", _filled("Entry.field", "Entry.padding", "Entry.textarea"))
    style.configure(
        "TEntry",
        fieldbackground=palette.panel,
        foreground=palette.text,
        insertcolor=palette.text,
        bordercolor=palette.border,
        lightcolor=palette.panel,
        darkcolor=palette.panel,
        padding=theme.px(2),
    )
    style.configure(
        "Horizontal.TScale",
        background=palette.dim,
        sliderlength=theme.px(12),
        gripcount=0,
        arrowsize=theme.px(12),
        **{**_borders(palette.panel), "troughcolor": palette.faint},
    )
    style.map("Horizontal.TScale", background=[("active", palette.positive)])


def _configure_tables(style: ttk.Style, theme: Theme) -> None:
    palette = theme.palette
    style.layout("Treeview", _filled("Treeview.treearea"))
    style.configure(
        "Treeview",
        background=palette.panel,
        fieldbackground=palette.panel,
        foreground=palette.text,
        rowheight=theme.px(23),
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
        font=theme.font(11),
        relief="flat",
        padding=(theme.px(4), theme.px(4)),
    )
    style.map(
        "Treeview.Heading",
        background=[("active", palette.panel)],
        foreground=[("active", palette.positive)],
    )


def _configure_scrollbars(style: ttk.Style, theme: Theme) -> None:
    palette, bar = theme.palette, "Vertical.TScrollbar"
    thumb = _filled("Vertical.Scrollbar.thumb")
    style.layout(bar, [("Vertical.Scrollbar.trough", {"sticky": "ns", "children": thumb})])
    style.configure(
        bar,
        background=palette.faint,
        gripcount=0,
        width=theme.px(10),
        **_borders(palette.panel),
    )
    style.map(bar, background=[("disabled", palette.panel)])


def _filled(element: str, *inner: str) -> list[tuple[str, Any]]:
    """A layout of one element that fills its place, and contains the inner ones."""
    children = {"children": _filled(*inner)} if inner else {}
    return [(element, {"sticky": "nswe", **children})]


def _borders(colour: str) -> dict[str, str]:
    """Everything around a control's moving part in one colour."""
    return dict.fromkeys(("troughcolor", "bordercolor", "lightcolor", "darkcolor"), colour)
