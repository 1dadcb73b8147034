"""``python -m gui``: finds a trained network and opens the window on it."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:  # `--help` and errors should not wait for imports
    from gui.prediction.reader import Reader
    from gui.runs.library import RunLibrary

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

    from gui.runs.library import RunLibrary

    library = RunLibrary()
    readers = _readers(options, library)
    try:
        root = tk.Tk(className="nnscratch")
    except tk.TclError as error:
        _give_up(
            f"the window needs a display ({error}): start it in a graphical session, "
            "or under Xvfb, and see that DISPLAY names it"
        )

    from gui.app import App
    from gui.style import palette, theme

    colours = palette.LIGHT if options.light else palette.DARK
    app = App(root, readers, library, theme.look(root, colours, options.scale), options.drawings)
    # A window must be on the display before it can have the keyboard.
    root.bind("<Map>", lambda event: root.focus_force() if event.widget is root else None)
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
    parser.add_argument("--compare", metavar="RUN", help="a second run that reads the same strokes")
    parser.add_argument(
        "--drawings",
        metavar="FOLDER",
        type=Path,
        default=Path("drawings"),
        help="where drawings are kept that you teach it with (default: drawings)",
    )
    parser.add_argument("--light", action="store_true", help="light instead of dark")
    parser.add_argument(
        "--scale",
        type=_scale,
        metavar="FACTOR",
        help="how large everything is, 1 to 4 (default: by the resolution of the display)",
    )
    return parser


def _scale(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 4 or 2 * factor % 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1, 1.5, 2, 2.5, 3, 3.5 or 4")
    return factor


def _readers(options: argparse.Namespace, library: "RunLibrary") -> "list[Reader]":
    """The reader asked for, and the one to compare it with; exits if one can't be had."""
    from gui.background import Unavailable
    from gui.prediction.reader import Reader
    from gui.recognizer import Recognizer

    try:
        if options.checkpoint is not None:
            recognizer = Recognizer.from_checkpoint(options.checkpoint)
            readers = [Reader(recognizer, options.checkpoint.name)]
        elif options.run is not None:
            readers = [library.reader(options.run)]
        else:
            readers = [library.best()]
        if options.compare is not None:
            readers.append(library.reader(options.compare))
    except (Unavailable, ValueError) as error:
        _give_up(error)
    return readers


def _give_up(reason: object) -> NoReturn:
    sys.stderr.write(f"{PROGRAM}: {' '.join(str(reason).split())}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
