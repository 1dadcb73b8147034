"""The list of logged runs; choosing one is asking for its network."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # mlflow takes more than a second to import
    from experiments.tracking import RunSummary

COLUMNS = {  # heading: width in pixels
    "experiment": 150,
    "data": 110,
    "hidden layers": 170,
    "activation": 100,
    "init": 120,
    "optimizer": 100,
    "val accuracy": 110,
    "status": 100,
    "started": 140,
}


class RunPicker(ttk.Frame):
    """A table of runs, newest first. ``on_choose`` is called with the id of the run chosen."""

    def __init__(self, parent: tk.Misc, on_choose: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._on_choose = on_choose
        self._current: str | None = None
        self.table = ttk.Treeview(
            self,
            columns=list(COLUMNS),
            show="headings",
            height=4,
            selectmode="browse",
        )
        for heading, width in COLUMNS.items():
            self.table.heading(heading, text=heading, anchor=tk.W)
            self.table.column(heading, width=width, minwidth=width // 2)
        scrollbar = ttk.Scrollbar(self, command=self.table.yview)
        self.table.configure(yscrollcommand=scrollbar.set)
        self.table.pack(side=tk.LEFT, fill=tk.BOTH, expand=True)
        scrollbar.pack(side=tk.RIGHT, fill=tk.Y)
        self.table.bind("<<TreeviewSelect>>", self._selected)

    def show(self, runs: "Sequence[RunSummary]") -> None:
        """Lists ``runs`` in their order, keeping the mark on the current one."""
        self.table.delete(*self.table.get_children())
        for run in runs:
            self.table.insert("", tk.END, iid=run.run_id, values=cells(run))
        self.mark(self._current)

    def mark(self, run_id: str | None) -> None:
        """Marks the run whose network the window shows, if it is in the list."""
        self._current = run_id
        if run_id is not None and self.table.exists(run_id):
            self.table.selection_set(run_id)
            self.table.see(run_id)
        else:
            self.table.selection_set(())

    def _selected(self, _event: "tk.Event[tk.Misc]") -> None:
        chosen = self.table.selection()
        if chosen and chosen[0] != self._current:
            self._on_choose(chosen[0])


def cells(run: "RunSummary") -> tuple[str, ...]:
    """What the table says of a run, one text for each column; "—" for what it didn't log."""
    accuracy = run.metrics.get("best_val_accuracy", run.metrics.get("val_accuracy"))
    return (
        run.experiment,
        run.params.get("data.name", "—"),
        run.params.get("model.hidden", "—").strip("[]").replace(", ", "–"),
        run.params.get("model.activation", "—"),
        run.params.get("model.init", "—"),
        run.params.get("optimizer.name", "—"),
        "—" if accuracy is None else f"{accuracy:.2%}".replace("%", " %"),
        run.status.lower(),
        f"{run.started.astimezone():%d %b %Y, %H:%M}",
    )
