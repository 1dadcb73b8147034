"""``python -m gui``: finds a trained network and opens the window on it."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:  # `--help` and errors should not wait for imports
    from gui.recognizer import Recognizer

PROGRAM = "nnscratch-draw"


def main(arguments: Sequence[str] | None = None) -> None:
    """Opens the window and returns when it is closed; exits with status 2 if it can't be."""
    options = _parser().parse_args(arguments)
    try:
        import tkinter as tk

        from PIL import ImageTk as _ImageTk  # noqa: F401  (a package of its own on some systems)
    except ImportError as error:
        _give_up(
            f"the window needs tkinter, which this Python lacks ({error}): install python3-tk "
            "and python3-pil.imagetk, or your system's packages of that kind"
        )
    recognizer, source, run_id = _find(options)
    try:
        root = tk.Tk(className="nnscratch")
    except tk.TclError as error:
        _give_up(
            f"the window needs a display ({error}): start it in a graphical session, "
            "or under Xvfb, and see that DISPLAY names it"
        )

    from gui.app import App

    app = App(root, recognizer, source, run_id)
    root.update()  # a window must be on the display before it can have the keyboard
    root.focus_force()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Tk's loop is too rarely in Python for Ctrl-C
    root.mainloop()
    app.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Draw digits and watch a trained network read them."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--best", action="store_true", help="the best logged run (the default)")
    choice.add_argument("--run", metavar="RUN", help="its id, or models:/NAME@ALIAS")
    choice.add_argument("--checkpoint", metavar="FILE", type=Path, help="a saved network, .npz")
    return parser


def _find(options: argparse.Namespace) -> "tuple[Recognizer, str, str | None]":
    """The recognizer asked for, what to call it, and its run; exits if there is none."""
    from gui.recognizer import Recognizer

    if options.checkpoint is not None:
        try:
            return Recognizer.from_checkpoint(options.checkpoint), options.checkpoint.name, None
        except ValueError as error:
            _give_up(error)

    from experiments.tracking import RunStore, RunStoreError
    from gui.app import describe

    try:
        store = RunStore()
        run = store.best_run() if options.run is None else store.run(options.run)
        recognizer = Recognizer.from_checkpoint(store.checkpoint(run.run_id))
        return recognizer, describe(run), run.run_id
    except (RunStoreError, ValueError) as error:
        _give_up(error)


def _give_up(reason: object) -> NoReturn:
    sys.stderr.write(f"{PROGRAM}: {' '.join(str(reason).split())}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
