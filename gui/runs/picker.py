"""The list of logged runs; choosing one is asking for its network."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from gui.runs.table import COLUMNS, RunRow, arranged
from gui.style.theme import Look


class RunPicker(ttk.Frame):
    """A table of runs, at first the newest on top; a click on a heading sorts by that column.

    ``on_choose`` is called with the id of the run chosen.
    """

    def __init__(self, parent: tk.Misc, look: Look, on_choose: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._on_choose = on_choose
        self._current: str | None = None
        self._rows: list[RunRow] = []
        self._words = ""
        self.order = "started", True  # by which column, and whether falling
        self.table = ttk.Treeview(
            self, columns=list(COLUMNS), show="headings", height=4, selectmode="browse"
        )
        self.table.tag_configure("trouble", foreground=look.palette.error)
        for heading, width in COLUMNS.items():
            self.table.heading(heading, anchor=tk.W, command=lambda by=heading: self.sort(by))
            self.table.column(heading, width=look.px(width), minwidth=look.px(width // 2))
        scrollbar = ttk.Scrollbar(self, command=self.table.yview)
        self.table.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side=tk.RIGHT, fill=tk.Y)
        self.table.pack(side=tk.LEFT, fill=tk.BOTH, expand=True)
        self.table.bind("<<TreeviewSelect>>", self._selected)
        self._name_columns()

    @property
    def selected(self) -> str | None:
        """The run that is marked in the table, whether its network is shown or not."""
        chosen = self.table.selection()
        return chosen[0] if chosen else None

    def show(self, rows: Sequence[RunRow]) -> None:
        """Lists these runs; what is marked and how far one has scrolled stay."""
        self._rows = list(rows)
        self._list()

    def filter(self, words: str) -> None:
        """Lists only runs in whose row every word stands."""
        self._words = words
        self._list()

    def sort(self, column: str) -> None:
        """Sorts by a column, the best or newest on top; a second time the other way round."""
        before, falling = self.order
        best_first = column in ("val accuracy", "started")
        self.arrange(column, falling=not falling if column == before else best_first)

    def arrange(self, column: str, *, falling: bool) -> None:
        """Sorts by a column, in one direction."""
        self.order = column, falling
        self._name_columns()
        self._list()

    def mark(self, run_id: str | None) -> None:
        """Marks the run whose network the window shows, if it is in the list."""
        self._current = run_id
        if run_id is not None and self.table.exists(run_id):
            self.table.selection_set(run_id)
            self.table.see(run_id)
        else:
            self.table.selection_set(())

    def _list(self) -> None:
        column, falling = self.order
        listed = arranged(self._rows, self._words, column, falling=falling)
        gone = set(self.table.get_children()) - {row.run_id for row in listed}
        self.table.delete(*gone)
        for place, row in enumerate(listed):
            tags = ("trouble",) if row.trouble else ()
            if self.table.exists(row.run_id):
                self.table.item(row.run_id, values=row.cells, tags=tags)
                self.table.move(row.run_id, "", place)
            else:
                self.table.insert("", place, iid=row.run_id, values=row.cells, tags=tags)
        if not self.table.selection():
            self.mark(self._current)

    def _name_columns(self) -> None:
        column, falling = self.order
        arrow = " ▾" if falling else " ▴"
        for heading in COLUMNS:
            self.table.heading(heading, text=heading + (arrow if heading == column else ""))

    def _selected(self, _event: "tk.Event[tk.Misc]") -> None:
        chosen = self.selected
        if chosen is not None and chosen != self._current:
            self._on_choose(chosen)
