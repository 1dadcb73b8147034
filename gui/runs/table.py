"""The table of runs without its widget: the cells of a row, which rows match, their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from experiments.runs.summary import UNKNOWN_TIME, RunSummary
from experiments.runtime.printable import CELL, printable

Key: TypeAlias = tuple[float, str]
"""The sort key of a cell: a number, then a text."""

TAUGHT = "teaching.drawings"
"""The parameter that only a taught run has: the number of its drawings."""

COLUMNS = {  # heading: width, in pixels of a normal display
    "experiment": 120,
    "data": 110,
    "hidden layers": 170,
    "activation": 100,
    "init": 120,
    "optimizer": 100,
    "val accuracy": 110,
    "status": 130,
    "started": 140,
}


@dataclass(frozen=True)
class RunRow:
    """One run: a text and a sort key for each column. ``trouble``: why it can't be loaded."""

    run_id: str
    cells: tuple[str, ...]
    keys: tuple[Key, ...]
    trouble: str = ""

    def matches(self, words: str) -> bool:
        """Whether the row contains each of the words, in upper or lower case."""
        text = " ".join((self.run_id, *self.cells)).lower()
        return all(word in text for word in words.lower().split())


def _layers(hidden: str) -> str:
    """The sizes in short: "10 × 32" if there are three or more of equal size."""
    sizes = hidden.split("–")
    if len(sizes) > 2 and len(set(sizes)) == 1:
        return f"{len(sizes)} × {sizes[0]}"
    return hidden or "none"


def short(name: str) -> str:
    """A run's name without the config groups: ``init=zeros``, not ``model.init=zeros``."""
    return re.sub(r"[\w.]+\.(?=\w+=)", "", name)


def row(run: RunSummary, trouble: str = "") -> RunRow:
    """The row of a run, with "—" for what it did not log."""
    accuracy = run.metrics.get("best_val_accuracy", run.metrics.get("val_accuracy"))
    hidden = run.params.get("model.hidden", "—").strip("[]").replace(", ", "–")
    texts = (
        run.experiment,
        run.params.get("data.name", "—"),
        _layers(hidden),
        run.params.get("model.activation", "—"),
        run.params.get("model.init", "—"),
        run.params.get("optimizer.name", "—"),
        "—" if accuracy is None else f"{accuracy:.2%}".replace("%", " %"),
        trouble or _status(run),
        "—" if run.started == UNKNOWN_TIME else f"{run.started.astimezone():%d %b %Y, %H:%M}",
    )
    texts = tuple(printable(text, CELL) for text in texts)
    keys: list[Key] = [(0.0, text.lower()) for text in texts]
    keys[2] = (sum(int(n) for n in hidden.split("–") if n.isdigit()), hidden)
    keys[6] = (-1.0 if accuracy is None else accuracy, "")
    keys[8] = (run.started.timestamp(), "")
    return RunRow(run.run_id, texts, tuple(keys), trouble)


def _status(run: RunSummary) -> str:
    drawings = run.params.get(TAUGHT)
    return run.status.lower() if drawings is None else f"taught {drawings}"


def arranged(rows: Sequence[RunRow], words: str, column: str, *, descending: bool) -> list[RunRow]:
    """The rows that match ``words``, sorted by one column; the sort is stable."""
    at = list(COLUMNS).index(column)
    return sorted(
        (r for r in rows if r.matches(words)), key=lambda r: r.keys[at], reverse=descending
    )
