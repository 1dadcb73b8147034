"""A command that trains in a subprocess, and writes a page from the runs."""

import subprocess
import sys
from pathlib import Path

from experiments.cli.arguments import Parser
from experiments.cli.exit_status import status_of
from experiments.runtime.paths import path_argument
from experiments.runtime.signals import Terminated


def page_parser(command: str, usage: str, description: str, *, quick: str, output: Path) -> Parser:
    """The arguments that these commands share.

    ``quick`` says what --quick does, ``output`` is where the page is written by default.
    """
    parser = Parser(
        prog=f"python -m experiments.{command}",
        usage=f"%(prog)s [--quick] [--output PATH] {usage} [key=value …]",
        description=f"{description} Finished runs of the same config are not trained again. "
        "key=value is passed to every training.",
    )
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--output", type=path_argument, default=output, metavar="PATH")
    return parser


def run_training(*arguments: str) -> int:
    """Waits for its end; the exit status.

    After a signal this command ends together with the training, which says how it stopped.
    """
    training = subprocess.Popen([sys.executable, "-m", "experiments.train", *arguments])
    try:
        return training.wait()
    except KeyboardInterrupt as stop:
        if isinstance(stop, Terminated):  # unlike Ctrl-C, it may have reached this process only
            training.terminate()
        training.wait()
        raise SystemExit(status_of(stop)) from None
