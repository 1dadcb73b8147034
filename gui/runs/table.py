"""The table of runs without its widget: what stands in a row, which rows match, in what order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # mlflow takes more than a second to import
    from experiments.runs.summary import RunSummary

Key: TypeAlias = tuple[float, str]
"""What a cell is sorted by: numbers before texts, each in their order."""

TAUGHT = "teaching.drawings"
"""The parameter that only a tuned run has: how many own drawings it learnt from."""

COLUMNS = {  # heading: width in pixels of a normal display
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
    """One run: a text and a sort key for each column. ``trouble``: why it can't be opened."""

    run_id: str
    cells: tuple[str, ...]
    keys: tuple[Key, ...]
    trouble: str = ""

    def matches(self, words: str) -> bool:
        """Whether each of the words stands somewhere in the row, in either case."""
        text = " ".join((self.run_id, *self.cells)).lower()
        return all(word in text for word in words.lower().split())


def _layers(hidden: str) -> str:
    """Sizes in a few words: three and more that are alike are counted."""
    sizes = hidden.split("–")
    if len(sizes) > 2 and len(set(sizes)) == 1:
        return f"{len(sizes)} × {sizes[0]}"
    return hidden or "none"


def short(name: str) -> str:
    """A run's name without the groups of its settings: ``init=zeros``, not ``model.init=zeros``."""
    return re.sub(r"[\w.]+\.(?=\w+=)", "", name)


def row(run: "RunSummary", trouble: str = "") -> RunRow:
    """What the table says of a run; "—" for what it didn't log."""
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
        f"{run.started.astimezone():%d %b %Y, %H:%M}",
    )
    keys: list[Key] = [(0.0, text.lower()) for text in texts]
    keys[2] = (sum(int(n) for n in hidden.split("–") if n.isdigit()), hidden)
    keys[6] = (-1.0 if accuracy is None else accuracy, "")
    keys[8] = (run.started.timestamp(), "")
    return RunRow(run.run_id, texts, tuple(keys), trouble)


def _status(run: "RunSummary") -> str:
    drawings = run.params.get(TAUGHT)
    return run.status.lower() if drawings is None else f"taught {drawings}"


def arranged(rows: Sequence[RunRow], words: str, column: str, *, falling: bool) -> list[RunRow]:
    """The rows that match ``words``, by one column; those alike keep their order."""
    at = list(COLUMNS).index(column)
    return sorted((r for r in rows if r.matches(words)), key=lambda r: r.keys[at], reverse=falling)
