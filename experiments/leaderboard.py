"""``python -m experiments.leaderboard``: the runs of a sweep, best first."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from experiments.ranking import rank

if TYPE_CHECKING:
    from experiments.tracking import RunStore, RunSummary


def main() -> None:
    """Prints the latest sweep, another one, or all runs; exit status 2 if there are none."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.leaderboard",
        description="The runs of a sweep, best validation accuracy first.",
    )
    parser.add_argument(
        "--sweep",
        default="latest",
        help="id of a sweep or of one of its runs, models:/NAME@ALIAS, 'latest' (default) or 'all'",
    )
    parser.add_argument("--top", type=_positive, help="only the first TOP runs")
    parser.add_argument("--json", action="store_true", help="for programs; ids in full")
    parser.add_argument("--uri", help="the store (default: MLFLOW_TRACKING_URI or ./mlflow.db)")
    arguments = parser.parse_args()

    from experiments.reporting import terminal
    from experiments.tracking import RunStore, RunStoreError

    try:
        store = RunStore(arguments.uri)
        title, runs = _select(store, arguments.sweep)
    except RunStoreError as error:
        terminal.print_error(str(error))
        raise SystemExit(2) from None
    if not runs:
        terminal.print_error(f"{title}: no run was logged")
        raise SystemExit(2)
    rows = rank(runs)[: arguments.top]
    if arguments.json:
        terminal.print_text(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        terminal.print_leaderboard(rows, title)


def _select(store: RunStore, sweep: str) -> tuple[str, list[RunSummary]]:
    """A title and the runs that ``--sweep`` asks for."""
    if sweep == "all":
        return "all runs", store.runs()
    parent = store.latest_sweep() if sweep == "latest" else store.sweep(sweep)
    return f"sweep {parent.name} ({parent.run_id})", store.children(parent.run_id)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return number


if __name__ == "__main__":
    main()
