"""Every key of the window: its action, its events, and its line in the help sheet."""

import tkinter as tk
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tkinter import ttk

_CONTROL = 0x4  # the bit of Ctrl in an event's state: a plain binding gets keys with Ctrl too


@dataclass(frozen=True)
class Shortcut:
    """One action. ``events`` are in Tk's notation, in which w and W are two keys.

    A shortcut without ``keys`` has no line of its own in the help sheet.
    """

    action: str
    keys: str
    effect: str
    events: tuple[str, ...]


# The titles of the help sheet, and the keys below each.
SECTIONS = {
    "Draw": (
        Shortcut(
            "undo", "Ctrl+Z", "undo a stroke or clearing", ("<Control-z>", "<Control-Lock-Z>")
        ),
        Shortcut(
            "redo",
            "Ctrl+Y",
            "redo it (Ctrl+Shift+Z too)",
            ("<Control-y>", "<Control-Z>", "<Control-Shift-z>"),
        ),
        Shortcut("clear", "Esc", "clear the drawing; Ctrl+Z restores it", ("<Escape>",)),
        Shortcut("thinner", "[", "thinner brush", ("<bracketleft>",)),
        Shortcut("thicker", "]", "thicker brush", ("<bracketright>",)),
        Shortcut("save", "Ctrl+S", "save a picture of all panels", ("<Control-s>",)),
    ),
    "Look closer": (
        Shortcut("why", "W", "why: colour the pixels for and against the answer", ("<w>", "<W>")),
        Shortcut("steps", "S", "the steps from the drawing to the pixels", ("<s>", "<S>")),
        Shortcut("pipeline", "P", "strokes re-drawn, or the ink as it is", ("<p>", "<P>")),
        Shortcut("previous", "PageUp", "the previous test image", ("<Prior>",)),
        Shortcut("next", "PageDown", "the next test image, mistakes first", ("<Next>",)),
    ),
    "Teach it your handwriting": (
        Shortcut("label 0", "0 … 9", "keep the drawing as that digit", ("<Key-0>", "<KP_0>")),
        *(
            Shortcut(f"label {digit}", "", "", (f"<Key-{digit}>", f"<KP_{digit}>"))
            for digit in range(1, 10)
        ),
        Shortcut("forget", "Backspace", "remove the last drawing kept", ("<BackSpace>",)),
        Shortcut("teach", "T", "tune the network on the drawings kept", ("<t>", "<T>")),
    ),
    "Runs": (
        Shortcut("back", "B", "the previous network; again: back", ("<b>", "<B>")),
        Shortcut("compare", "C", "both side by side; again: only one", ("<c>", "<C>")),
        Shortcut("find", "Ctrl+F", "find runs by words in their row", ("<Control-f>",)),
        Shortcut("refresh", "F5", "read the list of runs again", ("<F5>",)),
        Shortcut("play", "Space", "play the epochs of the run", ("<space>",)),
        Shortcut("earlier", "←", "the previous epoch", ("<Left>",)),
        Shortcut("later", "→", "the next epoch", ("<Right>",)),
    ),
    "The window": (
        Shortcut("help", "F1  ?", "this sheet", ("<F1>", "<question>")),
        Shortcut("light", "Ctrl+L", "light or dark", ("<Control-l>",)),
        Shortcut("quit", "Ctrl+Q", "close the window", ("<Control-q>",)),
    ),
}


def bind(root: tk.Misc, actions: Mapping[str, Callable[[], object]]) -> None:
    """Binds every shortcut to its action in ``actions``."""
    for section in SECTIONS.values():
        for shortcut in section:
            for event in shortcut.events:
                root.bind(event, _unless_typing(actions[shortcut.action], event))


def _unless_typing(
    action: Callable[[], object], sequence: str
) -> Callable[["tk.Event[tk.Misc]"], None]:
    """A plain key does nothing in a text field, or together with Ctrl."""

    def act(event: "tk.Event[tk.Misc]") -> None:
        plain = not int(event.state) & _CONTROL
        if "Control" in sequence or (plain and not isinstance(event.widget, ttk.Entry)):
            action()

    return act
