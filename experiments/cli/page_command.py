"""A command that trains in a subprocess, and writes a page from the runs."""

import argparse
import subprocess
import sys
from pathlib import Path

from experiments.runtime.paths import path_argument


def page_parser(
    command: str, usage: str, description: str, *, quick: str, output: Path
) -> argparse.ArgumentParser:
    """The arguments that these commands share.

    ``quick`` says what --quick does, ``output`` is where the page is written by default.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m experiments.{command}",
        usage=f"%(prog)s [--quick] [--output PATH] {usage} [key=value …]",
        description=f"{description} Finished runs of the same config are not trained again. "
        "key=value is passed to every training.",
    )
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--output", type=path_argument, default=output, metavar="PATH")
    return parser


def run_training(*arguments: str) -> int:
    """Waits for its end; the exit status. Ctrl-C reaches the training too, and it stops itself."""
    training = subprocess.Popen([sys.executable, "-m", "experiments.train", *arguments])
    while True:
        try:
            return training.wait()
        except KeyboardInterrupt:
            continue
