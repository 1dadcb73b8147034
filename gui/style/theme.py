"""How the window looks: its colours, its font, and how many pixels of the display make one."""

import tkinter as tk
from dataclasses import dataclass, replace
from tkinter import font
from typing import Literal, TypeAlias

from gui.style.palette import DARK, LIGHT, Palette

Anchor: TypeAlias = Literal["w", "center", "e", "nw"]
"""Which point of a text lies at its coordinates."""

GAP = 16  # around every panel

_FAMILIES = ("Inter", "SF Pro Text", "Segoe UI", "Ubuntu", "Cantarell", "Noto Sans", "DejaVu Sans")
_NORMAL_DPI = 96
_SCREEN = 1250, 768  # pixels of a normal display: the window and the bars of a desktop


@dataclass(frozen=True)
class Theme:
    """The theme of one window. Every length in the code is in pixels of a normal display."""

    palette: Palette
    scale: float
    family: str

    def px(self, length: float) -> int:
        """A length in pixels of this display."""
        return round(length * self.scale)

    def font(self, pixels: int, weight: str = "normal") -> tuple[str, int, str]:
        """A font for Tk. Its size is in pixels, so that text fits the panels on every display."""
        return self.family, -self.px(pixels), weight

    def other(self) -> "Theme":
        """Light instead of dark, or dark instead of light."""
        return replace(self, palette=LIGHT if self.palette is DARK else DARK)


def theme_for(root: tk.Misc, palette: Palette = DARK, scale: float | None = None) -> Theme:
    """The theme for the display of ``root``. Without a ``scale``, the resolution decides.

    That scale is at least 1, and small enough for the window to fit on the screen. It is a
    multiple of ½, so that all pixels of a 28×28 image are equally large.
    """
    if scale is None:
        screen = root.winfo_screenwidth(), root.winfo_screenheight()
        fitting = min(pixels / needed for pixels, needed in zip(screen, _SCREEN, strict=True))
        halves = min(round(2 * root.winfo_fpixels("1i") / _NORMAL_DPI), int(2 * fitting))
        scale = max(halves / 2, 1)
    installed = set(font.families(root))
    family = next((name for name in _FAMILIES if name in installed), "TkDefaultFont")
    return Theme(palette, scale, family)
