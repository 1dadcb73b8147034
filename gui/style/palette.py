"""The colours of the window, dark and light: amber for plus, blue for minus."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One colour for every purpose, as ``#rrggbb``."""

    background: str
    panel: str
    border: str
    selected: str
    text: str
    dim: str
    faint: str
    resting: str  # a unit whose output is 0
    positive: str
    second: str
    third: str
    negative: str
    error: str


DARK = Palette(
    background="#0d1117",
    panel="#12181f",
    border="#2b333d",
    selected="#2a3442",
    text="#e6edf3",
    dim="#8b97a5",
    faint="#3a4450",
    resting="#212933",
    positive="#ffb347",
    second="#b98a4a",
    third="#806a4c",
    negative="#58a6ff",
    error="#ff8077",
)

LIGHT = Palette(
    background="#f6f8fa",
    panel="#ffffff",
    border="#c9d1d9",
    selected="#e3ecf7",
    text="#1f2328",
    dim="#59636e",
    faint="#b6bfc9",
    resting="#e4e8ed",
    positive="#b35900",
    second="#c98a4a",
    third="#d9b48c",
    negative="#0969da",
    error="#c21f26",
)

# The drawing is white on black in both palettes, because that is what the network sees.
BLACK = "#000000"
WHITE = "#ffffff"
PLACEHOLDER = "#3a4450"  # where nothing is drawn yet
