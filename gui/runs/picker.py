"""The table of logged runs as a widget: a click on a row loads its network."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from gui.runs.table import COLUMNS, RunRow, arranged
from gui.style.theme import Theme


class RunPicker(ttk.Frame):
    """A table of runs, first sorted by age. A click on a heading sorts by that column.

    ``on_choose`` is called with the id of the run that the user chooses.
    """

    def __init__(self, parent: tk.Misc, theme: Theme, on_choose: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._on_choose = on_choose
        self._current: str | None = None
        self._rows: dict[str, RunRow] = {}  # by run id; each is an item of the table
        self._words = ""
        self.order = "started", True  # the column, and whether it is descending
        self.table = ttk.Treeview(
            self, columns=list(COLUMNS), show="headings", height=4, selectmode="browse"
        )
        self.table.tag_configure("trouble", foreground=theme.palette.error)
        for heading, width in COLUMNS.items():
            self.table.heading(heading, anchor=tk.W, command=lambda by=heading: self.sort(by))
            self.table.column(heading, width=theme.px(width), minwidth=theme.px(width // 2))
        scrollbar = ttk.Scrollbar(self, command=self.table.yview)
        self.table.configure(yscrollcommand=scrollbar.set)
        scrollbar.pack(side=tk.RIGHT, fill=tk.Y)
        self.table.pack(side=tk.LEFT, fill=tk.BOTH, expand=True)
        self.table.bind("<<TreeviewSelect>>", self._selected)
        self._show_order()

    @property
    def selected(self) -> str | None:
        """The run that is selected in the table, whether its network is shown or not."""
        chosen = self.table.selection()
        return chosen[0] if chosen else None

    def show(self, rows: Sequence[RunRow]) -> None:
        """Lists these runs; the selection and the scroll position stay."""
        before, self._rows = self._rows, {row.run_id: row for row in rows}
        self.table.delete(*(before.keys() - self._rows.keys()))
        for run_id, row in self._rows.items():
            tags = ("trouble",) if row.trouble else ()
            if run_id not in before:
                self.table.insert("", tk.END, iid=run_id, values=row.cells, tags=tags)
            elif row != before[run_id]:
                self.table.item(run_id, values=row.cells, tags=tags)
        self._list()

    def filter(self, words: str) -> None:
        """Lists only the runs whose row contains every word."""
        self._words = words
        self._list()

    def sort(self, column: str) -> None:
        """Sorts by a column, the best or the newest first; a second call reverses the order."""
        before, descending = self.order
        best_first = column in ("val accuracy", "started")
        self.arrange(column, descending=not descending if column == before else best_first)

    def arrange(self, column: str, *, descending: bool) -> None:
        """Sorts by a column, in one direction."""
        self.order = column, descending
        self._show_order()
        self._list()

    def mark(self, run_id: str | None) -> None:
        """Selects the run whose network the window shows, if it is in the list."""
        self._current = run_id
        if run_id in self.table.get_children():
            self.table.selection_set(run_id)
            self.table.see(run_id)
        else:
            self.table.selection_set(())

    def _list(self) -> None:
        """Shows the items that match, in order. One call of Tk does, however many they are."""
        column, descending = self.order
        rows = list(self._rows.values())
        listed = [r.run_id for r in arranged(rows, self._words, column, descending=descending)]
        if hidden := set(self.table.selection()).difference(listed):
            self.table.selection_remove(*hidden)
        if tuple(listed) != self.table.get_children():
            self.table.set_children("", *listed)
        if not self.table.selection():
            self.mark(self._current)

    def _show_order(self) -> None:
        column, descending = self.order
        arrow = " ▾" if descending else " ▴"
        for heading in COLUMNS:
            self.table.heading(heading, text=heading + (arrow if heading == column else ""))

    def _selected(self, _event: "tk.Event[tk.Misc]") -> None:
        chosen = self.selected
        if chosen is not None and chosen != self._current:
            self._on_choose(chosen)
