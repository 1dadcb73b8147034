"""``python -m experiments.deliver``: sends the journals of dead runs to the store."""

from pathlib import Path

from experiments.cli.arguments import Parser
from experiments.cli.entry import command
from experiments.runtime.paths import path_argument
from experiments.runtime.streams import print_error


@command()
def main() -> None:
    """Exit status 0 if nothing is left, 1 if the store did not take everything, 2 for bad input."""
    parser = Parser(
        prog="python -m experiments.deliver",
        description="Sends to the store what runs logged while it did not answer, or shortly "
        "before they were killed. Runs that are still alive are not touched.",
    )
    parser.add_argument(
        "--journal",
        type=path_argument,
        default=Path("mljournal"),
        help="the folder of tracking.journal (default: mljournal)",
    )
    arguments = parser.parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.reporting import terminal
    from experiments.tracking import recover

    if arguments.journal.exists() and not arguments.journal.is_dir():
        parser.error(f"--journal {arguments.journal}: expected a folder")
    found = left = False
    for run in recover(arguments.journal, refused=True):
        found = True
        if run.left:
            left = True
            print_error(run.left)
        else:
            terminal.print_text(f"{run.name}: delivered")
    if not found:
        terminal.print_text(f"nothing to deliver in {arguments.journal}")
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    main()
