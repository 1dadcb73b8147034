"""``python -m experiments.leaderboard``: the configs of a sweep, best first."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from experiments.cli.arguments import Parser, whole_number
from experiments.cli.entry import command
from experiments.errors import RunStoreError

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore


@command(shows_result=True)
def main() -> None:
    """Prints the latest sweep, another one, or all runs; exit status 2 if there are none."""
    arguments = _parser().parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.reporting import terminal
    from experiments.runs.filters import parse
    from experiments.runs.ranking import columns, rank
    from experiments.tracking import RunStore

    filters = [parse(text) for text in arguments.where]
    title, runs = _select(RunStore(arguments.uri), arguments.sweep)
    if not runs:
        raise RunStoreError(f"{title}: no run was logged")
    for one in filters:
        runs = one.choose(runs)
    rows = rank(runs)[: arguments.top]
    if arguments.format == "table":
        terminal.print_leaderboard(rows, " · ".join([title, *arguments.where]))
    elif arguments.format == "json":
        terminal.print_lines(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        terminal.print_lines(_comma_separated(columns(rows)))


def _parser() -> Parser:
    parser = Parser(
        prog="python -m experiments.leaderboard",
        description="The configs of a sweep by mean validation accuracy over their seeds. "
        "Only finished seeds count; configs without one come last.",
    )
    parser.add_argument(
        "--sweep",
        default="latest",
        help="id of a sweep or of one of its runs, models:/NAME@ALIAS, 'latest' (default) or 'all'",
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="only runs with this value of a config key; may be given several times",
    )
    parser.add_argument("--top", type=whole_number(1, 10**9), help="only the best TOP configs")
    parser.add_argument(
        "--format",
        choices=("table", "json", "csv"),
        default="table",
        help="json and csv: for programs, with full ids",
    )
    parser.add_store()
    return parser


def _select(store: RunStore, sweep: str) -> tuple[str, list[RunSummary]]:
    """A title, and the runs that ``--sweep`` names."""
    if sweep == "all":
        return "all runs", store.runs()
    parent = store.latest_sweep() if sweep == "latest" else store.sweep(sweep)
    return f"sweep {parent.name} ({parent.run_id})", store.children(parent.run_id)


def _comma_separated(table: Mapping[str, Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue().rstrip()


if __name__ == "__main__":
    main()
