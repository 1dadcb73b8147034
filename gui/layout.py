"""Where the panels are: one network beside the drawing, or two networks, one above the other."""

import tkinter as tk
from dataclasses import dataclass
from tkinter import ttk

from gui.prediction.panel import Places
from gui.style.panels import frame, heading
from gui.style.theme import Theme

_NETWORK_WIDTH = 620
_BARS_HEIGHT = 160
_MESSAGE_HEIGHT = 34  # two lines of text


@dataclass(frozen=True)
class Layout:
    """The frames for the panels, and the lines above them for headings and buttons."""

    draw_line: ttk.Frame
    draw: tk.Frame
    input_line: ttk.Frame
    input: tk.Frame
    predictions: list[Places]
    bottom_line: ttk.Frame
    bottom: tk.Frame


def arrange(window: ttk.Frame, theme: Theme, *, compare: bool) -> Layout:
    """The canvas top left, the networks on the right, the bottom panel below all others."""
    window.columnconfigure(2, weight=1)
    if compare:
        title, row, column = "Both see", 2, 0
        predictions = [_row(window, theme, "The first", 0), _row(window, theme, "The second", 2)]
    else:
        title, row, column = "The network sees", 0, 1
        predictions = [_whole(window, theme)]
    return Layout(
        draw_line=heading(window, theme, "Draw", row=0, column=0),
        draw=frame(window, theme, row=1, column=0),
        input_line=heading(window, theme, title, row=row, column=column),
        input=frame(window, theme, row=row + 1, column=column),
        predictions=predictions,
        bottom_line=heading(
            window, theme, "", row=4, column=0, columnspan=3, height=_MESSAGE_HEIGHT
        ),
        bottom=frame(window, theme, row=5, column=0, columnspan=3),
    )


def _whole(window: ttk.Frame, theme: Theme) -> Places:
    """One network: verdict and bars below drawing and input, the network on the right."""
    window.rowconfigure(5, weight=1)
    heading(window, theme, "Prediction", row=2, column=0)
    heading(window, theme, "Probabilities", row=2, column=1)
    return Places(
        line=heading(window, theme, "The network", row=0, column=2),
        verdict=frame(window, theme, row=3, column=0),
        bars=frame(window, theme, row=3, column=1),
        network=frame(window, theme, row=1, column=2, rowspan=3),
        network_size=(_NETWORK_WIDTH, 456),
        verdict_height=_BARS_HEIGHT,
    )


def _row(window: ttk.Frame, theme: Theme, name: str, row: int) -> Places:
    """One of two networks with the same input: its verdict above its bars, then its picture."""
    window.rowconfigure(row + 1, weight=1)
    heading(window, theme, name, row=row, column=1)
    column = frame(window, theme, row=row + 1, column=1)
    verdict, bars = tk.Frame(column), tk.Frame(column)
    verdict.pack(side=tk.TOP, pady=(0, 1))
    bars.pack(side=tk.TOP)
    return Places(
        line=heading(window, theme, "", row=row, column=2),
        verdict=verdict,
        bars=bars,
        network=frame(window, theme, row=row + 1, column=2),
        network_size=(_NETWORK_WIDTH, 254),
        verdict_height=280 - _BARS_HEIGHT - 1,
    )
