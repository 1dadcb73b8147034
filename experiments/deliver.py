"""``python -m experiments.deliver``: brings to the store what could not be delivered before."""

import argparse
from pathlib import Path


def main() -> None:
    """Exit status 0 if nothing is left, 2 for bad input, 1 if the store didn't take everything."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.deliver",
        description="Delivers what runs have logged while their store did not answer, or what "
        "they were killed over. Runs that are still alive are left alone.",
    )
    parser.add_argument(
        "--journal",
        type=Path,
        default=Path("mljournal"),
        help="the folder that tracking.journal named (default: mljournal)",
    )
    arguments = parser.parse_args()

    from experiments.reporting import terminal
    from experiments.tracking import recover

    if arguments.journal.exists() and not arguments.journal.is_dir():
        parser.error(f"--journal {arguments.journal}: expected the folder of the journals")
    found = left = False
    for run in recover(arguments.journal):
        found = True
        if run.kept:
            left = True
            terminal.print_error(f"{run.name}: {run.kept} entries kept: {run.error}")
        else:
            terminal.print_text(f"{run.name}: delivered")
    if not found:
        terminal.print_text(f"nothing is left to deliver in {arguments.journal}")
    raise SystemExit(1 if left else 0)


if __name__ == "__main__":
    main()
