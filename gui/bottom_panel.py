"""The panel below the others: the list of runs or the test images, and a line of words."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from gui.runs.picker import RunPicker
from gui.style.tabs import Tabs
from gui.style.theme import GAP, Look
from gui.test_images.gallery import Exhibit
from gui.test_images.view import GalleryView

RUNS, IMAGES = "Runs", "Test images"


class BottomPanel:
    """Its widgets go to ``line``, the heading, and ``body``.

    ``on_run``, ``on_exhibit`` and ``on_tab`` are called with the id of the run, the image and
    the tab that was chosen, ``on_leave`` when the field for words to find is left.
    """

    def __init__(
        self,
        line: ttk.Frame,
        body: tk.Frame,
        look: Look,
        *,
        on_run: Callable[[str], None],
        on_exhibit: Callable[[Exhibit], None],
        on_tab: Callable[[str], None],
        on_leave: Callable[[], object],
    ) -> None:
        self.tabs = Tabs(line, body, look, on_tab)
        self.picker = RunPicker(body, look, on_run)
        self.gallery = GalleryView(body, look, on_exhibit)
        self.tabs.add(RUNS, self.picker)
        self.tabs.add(IMAGES, self.gallery)
        self._words = tk.StringVar(line)
        self._words.trace_add("write", lambda *_: self.picker.filter(self._words.get()))
        self._on_leave = on_leave
        self.filter = ttk.Entry(line, textvariable=self._words, width=18, font=look.font(12))
        self.filter.bind("<FocusIn>", lambda _event: self.tabs.show(RUNS))
        self.filter.bind("<Escape>", lambda _event: self._give_up())
        self.filter.bind("<Return>", lambda _event: on_leave())
        self.filter.pack(side=tk.RIGHT, padx=(look.px(8), 0))
        ttk.Label(line, text="find", style="Caption.TLabel").pack(side=tk.RIGHT)
        self.message = ttk.Label(
            line, style="Caption.TLabel", font=look.font(11), wraplength=look.px(640)
        )
        self.message.pack(side=tk.LEFT, padx=look.px(GAP))

    def say(self, message: str, error: bool) -> None:
        """Words in the line, until the next."""
        style = "Error.TLabel" if error else "Caption.TLabel"
        self.message.configure(text=message, style=style)

    @property
    def said(self) -> tuple[str, bool]:
        """What ``say`` was last called with."""
        return self.message.cget("text"), str(self.message.cget("style")) == "Error.TLabel"

    def find(self) -> None:
        """To the field for words that are to stand in the rows of runs, which then are shown."""
        self.filter.focus_set()

    def browse(self, by: int) -> None:
        """To the test images, and that many further."""
        if self.tabs.shown != IMAGES:
            self.tabs.show(IMAGES)
        self.gallery.step(by)

    def _give_up(self) -> str:
        self._words.set("")
        self._on_leave()
        return "break"  # or Escape would clear the drawing, too
