"""What the terminal shows: epochs of one run, progress of a sweep, the leaderboard."""

import sys
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from experiments.runs.ranking import Row
from experiments.runtime.commands import python_command
from experiments.runtime.printable import CELL, printable, printable_lines
from nnscratch import Epoch, PartialEpoch

_WIDE = 400  # for a file or a pipe, so that no line is folded
_console = Console(width=None if sys.stdout.isatty() else _WIDE, emoji=False)


class EpochLines:
    """One line per epoch, and at the end the test result and the next commands."""

    def started(self, description: str) -> None:
        _console.print(f"[bold]{_literal(description)}[/]", highlight=False)
        _console.print(
            f"[dim]{'epoch':>6}{'train loss':>12}{'accuracy':>11}"
            f"{'val loss':>12}{'accuracy':>11}{'seconds':>10}[/]"
        )

    def batches(self, epoch: PartialEpoch) -> None:
        _console.print(
            f"[dim]{epoch.number:>6}{epoch.train_loss:>12.4f}{epoch.train_accuracy:>11.2%}"
            f"   after {epoch.batch:,} of {epoch.batches:,} batches[/]",
            highlight=False,
        )

    def epoch(self, epoch: Epoch) -> None:
        _console.print(
            f"{epoch.number:>6}{epoch.train_loss:>12.4f}{epoch.train_accuracy:>11.2%}"
            f"{epoch.val_loss:>12.4f}{epoch.val_accuracy:>11.2%}{epoch.seconds:>10.2f}",
            highlight=False,
        )

    def finished(self, test_loss: float, test_accuracy: float) -> None:
        _console.print(
            f"\ntest accuracy [bold]{test_accuracy:.2%}[/], test loss {test_loss:.4f} "
            "[dim](weights of the best validation epoch)[/]",
            highlight=False,
        )

    def note(self, text: str) -> None:
        print_text(text)

    def next_steps(self, run_id: str, store: Mapping[str, str]) -> None:
        print_next_steps(run_id, store)

    def over(self, run_id: str) -> None:
        print_text(f"run {run_id[:8]} has finished already: nothing to do")


class SweepProgress:
    """A bar with finished runs, best accuracy and remaining time; above it one line per run."""

    def __init__(self, kind: str, total: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("runs · best {task.fields[best]} · left"),
            TimeRemainingColumn(compact=True),
            console=_console,
            redirect_stderr=sys.stderr.isatty(),  # else errors would leave the error stream
        )
        self._task = self._bar.add_task(kind, total=total, best="—")
        self._bar.start()

    def ended(self, name: str, status: str, val_accuracy: float, best: float) -> None:
        """Another run has ended; accuracies 0–1, −1 for none."""
        result = f"{val_accuracy:8.2%}" if status == "FINISHED" else f"[red]{status:>8}[/]"
        _console.print(f"{result}  {_literal(name)}", highlight=False, soft_wrap=True)
        self._bar.update(self._task, advance=1, best=f"{best:.2%}" if best >= 0 else "—")

    def begun_again(self) -> None:
        """A run that had ended is training again."""
        self._bar.advance(self._task, -1)

    def stop(self) -> None:
        self._bar.stop()


def print_leaderboard(rows: Sequence[Row], title: str) -> None:
    """The rows as a table, the best on top; the run ids are as short as ``--run`` allows."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("#", justify="right")
    for factor in rows[0].factors:
        group, _, key = factor.rpartition(".")
        table.add_column(_cell(group if key == "name" else key), overflow="fold", min_width=6)
    several = any(row.seeds > 1 for row in rows)
    for heading in ("val", "test"):
        table.add_column(heading, justify="right", no_wrap=True)
    # A column with "1" in every row would be a waste of width.
    seeds = several or any(row.unfinished for row in rows)
    if seeds:
        table.add_column("seeds", no_wrap=True)
    table.add_column("seconds", justify="right")
    table.add_column("run", no_wrap=True)
    for row in rows:
        table.add_row(
            str(row.rank),
            *(_cell(shortened(value)) for value in row.factors.values()),
            _percent(row.val_accuracy) + (_deviation(row.val_deviation) if several else ""),
            _percent(row.test_accuracy) + (_deviation(row.test_deviation) if several else ""),
            *([_seeds(row)] if seeds else []),
            "—" if row.seconds is None else f"{row.seconds:.1f}",
            _cell(row.run_id[:8]),
        )
    # Not as the table's title, which would be wrapped, together with the id.
    _console.print(f"\n{printable(title)}", highlight=False, markup=False, soft_wrap=True)
    _console.print(table)


def shortened(value: str) -> str:
    """A long decimal number with four digits; any other text unchanged."""
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:.4g}" if len(value) > 8 and not number.is_integer() else value


def print_next_steps(run_id: str, store: Mapping[str, str]) -> None:
    """The two commands to type after a training; ``store``: the variables that they need."""
    draw = python_command("gui", "--run", run_id[:8], **store)
    print_lines(
        f"draw digits for the network:  {draw}\n"
        f"browse all runs:              {python_command('experiments.ui', **store)}"
    )


def print_champion(dataset: str, run_id: str, val_accuracy: float, before: float | None) -> None:
    """A new champion; accuracies 0–1, None if there was no champion before."""
    replaced = "the first" if before is None else f"before {before:.2%}"
    print_text(f"champion of {dataset}: run {run_id[:8]} ({val_accuracy:.2%}, {replaced})")


def print_claim(sentence: str, *, holds: bool, figures: str) -> None:
    """A claim about runs, whether it holds, and below it the figures."""
    verdict = "[green]holds[/]" if holds else "[red]does not hold[/]"
    _console.print(f"  {_literal(sentence)} {verdict}", highlight=False, soft_wrap=True)
    _console.print(f"    [dim]{_literal(figures)}[/]", highlight=False, soft_wrap=True)


def print_text(text: str) -> None:
    """One line of plain text; a line break in a name is shown, so that it can't forge a line."""
    print_lines(printable(text))


def print_lines(text: str) -> None:
    """Text with line breaks of its own, such as JSON for programs."""
    _console.print(printable_lines(text), highlight=False, markup=False, soft_wrap=True)


def _literal(text: str) -> str:
    """For text between markup: brackets in a name stay brackets."""
    return escape(printable(text))


def _cell(text: str) -> Text:
    return Text(printable(text, CELL))


def _seeds(row: Row) -> str:
    """``5``; ``4/5, 1 diverged`` if not all of them finished."""
    if not row.unfinished:
        return str(row.seeds)
    return f"[red]{row.finished}/{row.seeds}, {row.unfinished}[/]"


def _deviation(value: float | None) -> str:
    return " ±  —  " if value is None else f" ± {100 * value:4.2f}"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.2%}"
