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


def single(window: ttk.Frame, theme: Theme) -> Layout:
    """One network: drawing and input above verdict and bars, the network on the right."""
    window.columnconfigure(2, weight=1)
    window.rowconfigure(5, weight=1)
    draw_line = heading(window, theme, "Draw", row=0, column=0)
    input_line = heading(window, theme, "The network sees", row=0, column=1)
    line = heading(window, theme, "The network", row=0, column=2)
    heading(window, theme, "Prediction", row=2, column=0)
    heading(window, theme, "Probabilities", row=2, column=1)
    places = Places(
        line=line,
        verdict=frame(window, theme, row=3, column=0),
        bars=frame(window, theme, row=3, column=1),
        network=frame(window, theme, row=1, column=2, rowspan=3),
        network_size=(_NETWORK_WIDTH, 456),
        verdict_height=_BARS_HEIGHT,
    )
    input_frame = frame(window, theme, row=1, column=1)
    return _layout(window, theme, draw_line, input_line, input_frame, [places])


def comparison(window: ttk.Frame, theme: Theme) -> Layout:
    """Two networks with the same input: each has a row with its verdict, bars and picture."""
    window.columnconfigure(2, weight=1)
    for row in (1, 3):
        window.rowconfigure(row, weight=1)
    draw_line = heading(window, theme, "Draw", row=0, column=0)
    input_line = heading(window, theme, "Both see", row=2, column=0)
    predictions = []
    for row, name in ((0, "The first"), (2, "The second")):
        heading(window, theme, name, row=row, column=1)
        line = heading(window, theme, "", row=row, column=2)
        column = frame(window, theme, row=row + 1, column=1)
        verdict, bars = tk.Frame(column), tk.Frame(column)
        verdict.pack(side=tk.TOP, pady=(0, 1))
        bars.pack(side=tk.TOP)
        predictions.append(
            Places(
                line=line,
                verdict=verdict,
                bars=bars,
                network=frame(window, theme, row=row + 1, column=2),
                network_size=(_NETWORK_WIDTH, 254),
                verdict_height=280 - _BARS_HEIGHT - 1,
            )
        )
    input_frame = frame(window, theme, row=3, column=0)
    return _layout(window, theme, draw_line, input_line, input_frame, predictions)


def _layout(
    window: ttk.Frame,
    theme: Theme,
    draw_line: ttk.Frame,
    input_line: ttk.Frame,
    input_frame: tk.Frame,
    predictions: list[Places],
) -> Layout:
    """What both have in common: the canvas top left, the bottom panel below all others."""
    return Layout(
        draw_line,
        frame(window, theme, row=1, column=0),
        input_line,
        input_frame,
        predictions,
        heading(window, theme, "", row=4, column=0, columnspan=3, height=_MESSAGE_HEIGHT),
        frame(window, theme, row=5, column=0, columnspan=3),
    )
