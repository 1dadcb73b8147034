"""Where the panels stand: one reader beside the drawing, or two of them one above the other."""

import tkinter as tk
from dataclasses import dataclass
from tkinter import ttk

from gui.prediction.panel import Places
from gui.style.panels import frame, heading
from gui.style.theme import Look

_NETWORK = 620  # wide
_BARS = 160  # high
_MESSAGE = 34  # high: two lines of words


@dataclass(frozen=True)
class Layout:
    """The lines (for headings) and frames that the panels go to."""

    draw_line: ttk.Frame
    draw: tk.Frame
    seen_line: ttk.Frame
    seen: tk.Frame
    readers: list[Places]
    bottom_line: ttk.Frame
    bottom: tk.Frame


def alone(window: ttk.Frame, look: Look) -> Layout:
    """One reader: drawing and what is seen above, verdict and bars below, the network beside."""
    window.columnconfigure(2, weight=1)
    window.rowconfigure(5, weight=1)
    draw_line = heading(window, look, "Draw", row=0, column=0)
    seen_line = heading(window, look, "The network sees", row=0, column=1)
    line = heading(window, look, "The network", row=0, column=2)
    heading(window, look, "Prediction", row=2, column=0)
    heading(window, look, "Probabilities", row=2, column=1)
    reader = Places(
        line=line,
        verdict=frame(window, look, row=3, column=0),
        bars=frame(window, look, row=3, column=1),
        network=frame(window, look, row=1, column=2, rowspan=3),
        network_size=(_NETWORK, 456),
        verdict_height=_BARS,
    )
    return Layout(
        draw_line,
        frame(window, look, row=1, column=0),
        seen_line,
        frame(window, look, row=1, column=1),
        [reader],
        heading(window, look, "", row=4, column=0, columnspan=3, height=_MESSAGE),
        frame(window, look, row=5, column=0, columnspan=3),
    )


def versus(window: ttk.Frame, look: Look) -> Layout:
    """Two readers of the same drawing: each has a row with its verdict, bars and network."""
    window.columnconfigure(2, weight=1)
    for row in (1, 3):
        window.rowconfigure(row, weight=1)
    draw_line = heading(window, look, "Draw", row=0, column=0)
    seen_line = heading(window, look, "Both see", row=2, column=0)
    readers = []
    for row, name in ((0, "The first"), (2, "The second")):
        heading(window, look, name, row=row, column=1)
        line = heading(window, look, "", row=row, column=2)
        answers = frame(window, look, row=row + 1, column=1)
        verdict, bars = tk.Frame(answers), tk.Frame(answers)
        verdict.pack(side=tk.TOP, pady=(0, 1))
        bars.pack(side=tk.TOP)
        readers.append(
            Places(
                line=line,
                verdict=verdict,
                bars=bars,
                network=frame(window, look, row=row + 1, column=2),
                network_size=(_NETWORK, 254),
                verdict_height=280 - _BARS - 1,
            )
        )
    return Layout(
        draw_line,
        frame(window, look, row=1, column=0),
        seen_line,
        frame(window, look, row=3, column=0),
        readers,
        heading(window, look, "", row=4, column=0, columnspan=3, height=_MESSAGE),
        frame(window, look, row=5, column=0, columnspan=3),
    )
