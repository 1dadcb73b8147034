"""Every key of the window, once: what it is, what it does, and the words of the help sheet."""

import tkinter as tk
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tkinter import ttk

_CONTROL = 0x4  # in the state of an event: a binding without it takes keys with it, too


@dataclass(frozen=True)
class Shortcut:
    """One action and its keys; ``events`` in Tk's notation, where w and W are two keys.

    One without ``keys`` is told of with another one.
    """

    action: str
    keys: str
    words: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """Shortcuts that belong together."""

    title: str
    shortcuts: tuple[Shortcut, ...]


CHAPTERS = (
    Chapter(
        "Draw",
        (
            Shortcut(
                "undo",
                "Ctrl+Z",
                "take back a stroke or a clearing",
                ("<Control-z>", "<Control-Lock-Z>"),
            ),
            Shortcut(
                "redo",
                "Ctrl+Y",
                "draw it again (Ctrl+Shift+Z too)",
                ("<Control-y>", "<Control-Z>", "<Control-Shift-z>"),
            ),
            Shortcut("clear", "Esc", "clear; can be taken back", ("<Escape>",)),
            Shortcut("thinner", "[", "thinner brush", ("<bracketleft>",)),
            Shortcut("thicker", "]", "thicker brush", ("<bracketright>",)),
            Shortcut("save", "Ctrl+S", "save a picture of all panels", ("<Control-s>",)),
        ),
    ),
    Chapter(
        "Look closer",
        (
            Shortcut("why", "W", "colour what speaks for the answer, and against", ("<w>", "<W>")),
            Shortcut("steps", "S", "the steps from the drawing to what is seen", ("<s>", "<S>")),
            Shortcut("pipeline", "P", "strokes re-drawn, or the ink as it is", ("<p>", "<P>")),
            Shortcut("previous", "PageUp", "the test image before", ("<Prior>",)),
            Shortcut("next", "PageDown", "the next test image, misread ones first", ("<Next>",)),
        ),
    ),
    Chapter(
        "Teach it your hand",
        (
            *(
                Shortcut(
                    f"label {digit}",
                    "0 … 9" if digit == 0 else "",
                    "keep the drawing as that digit" if digit == 0 else "",
                    (f"<Key-{digit}>", f"<KP_{digit}>"),
                )
                for digit in range(10)
            ),
            Shortcut("forget", "Backspace", "take the last one back", ("<BackSpace>",)),
            Shortcut("teach", "T", "tune the network on the drawings kept", ("<t>", "<T>")),
        ),
    ),
    Chapter(
        "Runs",
        (
            Shortcut("back", "B", "the network before, and back again", ("<b>", "<B>")),
            Shortcut(
                "compare", "C", "that one beside the present one, or no longer", ("<c>", "<C>")
            ),
            Shortcut("find", "Ctrl+F", "find runs by what stands in their row", ("<Control-f>",)),
            Shortcut("refresh", "F5", "read the list again, also without news", ("<F5>",)),
            Shortcut("play", "Space", "play the epochs of the run", ("<space>",)),
            Shortcut("earlier", "←", "an epoch back", ("<Left>",)),
            Shortcut("later", "→", "an epoch on", ("<Right>",)),
        ),
    ),
    Chapter(
        "The window",
        (
            Shortcut("help", "F1  ?", "this sheet", ("<F1>", "<question>")),
            Shortcut("light", "Ctrl+L", "light or dark", ("<Control-l>",)),
            Shortcut("quit", "Ctrl+Q", "close", ("<Control-q>",)),
        ),
    ),
)


def bind(root: tk.Misc, actions: Mapping[str, Callable[[], object]]) -> None:
    """Ties every shortcut to its action in ``actions``."""
    for chapter in CHAPTERS:
        for shortcut in chapter.shortcuts:
            for event in shortcut.events:
                root.bind(event, _unless_typing(actions[shortcut.action], event))


def _unless_typing(
    action: Callable[[], object], sequence: str
) -> Callable[["tk.Event[tk.Misc]"], None]:
    """In a field for text a plain key is text; and with Ctrl it is another key."""

    def act(event: "tk.Event[tk.Misc]") -> None:
        plain = not int(event.state) & _CONTROL
        if "Control" in sequence or (plain and not isinstance(event.widget, ttk.Entry)):
            action()

    return act
