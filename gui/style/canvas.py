"""A Tk canvas of an exact size, and texts on it."""

import tkinter as tk

from gui.style.theme import Anchor, Theme


class ThemedCanvas(tk.Canvas):
    """A canvas that is ``width`` × ``height`` pixels of a normal display, without a border."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, width: float, height: float, background: str
    ) -> None:
        # The highlight ring would make the canvas 2 pixels wider and shift its coordinates.
        super().__init__(
            parent,
            width=theme.px(width),
            height=theme.px(height),
            background=background,
            highlightthickness=0,
            borderwidth=0,
        )
        self._theme = theme

    def add_text(
        self,
        x: float,
        y: float,
        text: str = "",
        *,
        size: int,
        fill: str,
        anchor: Anchor,
        weight: str = "normal",
    ) -> int:
        """Writes a text at a point, both in pixels of a normal display; returns the item's id."""
        return self.create_text(
            self._theme.px(x),
            self._theme.px(y),
            text=text,
            anchor=anchor,
            fill=fill,
            font=self._theme.font(size, weight),
        )
