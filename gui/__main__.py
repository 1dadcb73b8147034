"""``python -m gui``: loads a trained network and opens the window on it."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from experiments.runtime.paths import path_argument

if TYPE_CHECKING:  # `--help` and errors should not wait for imports
    from gui.runs.library import RunLibrary
    from gui.runs.loaded_network import LoadedNetwork

PROGRAM = "nnscratch-draw"


def main(arguments: Sequence[str] | None = None) -> None:
    """Opens the window and returns when it is closed; exits with status 2 if it can't open."""
    options = _parser().parse_args(arguments)
    try:
        import tkinter as tk

        from PIL import ImageTk as _ImageTk  # noqa: F401  (a package of its own on some systems)
    except ImportError as error:
        _give_up(
            f"the window needs tkinter, which this Python lacks ({error}): install python3-tk "
            "and python3-pil.imagetk, or the same packages of your system"
        )

    from gui.runs.library import RunLibrary

    library = RunLibrary()
    networks = _networks(options, library)
    try:
        root = tk.Tk(className="nnscratch")
    except tk.TclError as error:
        _give_up(
            f"the window needs a display ({error}): start it in a graphical session, "
            "or under Xvfb, with DISPLAY set to it"
        )

    from gui.app import App
    from gui.style import palette
    from gui.style.theme import theme_for

    colours = palette.LIGHT if options.light else palette.DARK
    theme = theme_for(root, colours, options.scale)
    app = App(root, networks, library, theme, options.drawings)
    # A window must be on the display before it can get the keyboard.
    root.bind("<Map>", lambda event: root.focus_force() if event.widget is root else None)
    # Tk's loop rarely runs Python, which would handle Ctrl+C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    root.mainloop()
    app.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Draw digits and watch a trained network classify them."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--best", action="store_true", help="the best logged run (the default)")
    choice.add_argument("--run", metavar="RUN", help="its id, or models:/NAME@ALIAS")
    choice.add_argument(
        "--checkpoint", metavar="FILE", type=path_argument, help="a saved network, .npz"
    )
    parser.add_argument("--compare", metavar="RUN", help="a second run, shown beside the first")
    parser.add_argument(
        "--drawings",
        metavar="FOLDER",
        type=path_argument,
        default=Path("drawings"),
        help="where the drawings are kept that you label (default: drawings)",
    )
    parser.add_argument("--light", action="store_true", help="light instead of dark")
    parser.add_argument(
        "--scale",
        type=_scale,
        metavar="FACTOR",
        help="the size of everything, 1 to 4 (default: from the resolution of the display)",
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


def _networks(options: argparse.Namespace, library: "RunLibrary") -> "list[LoadedNetwork]":
    """The network asked for, and the one to compare it with; exits if one can't be loaded."""
    from experiments.errors import UserError
    from gui.recognizer import Recognizer
    from gui.runs.loaded_network import LoadedNetwork

    try:
        if options.checkpoint is not None:
            recognizer = Recognizer.from_checkpoint(options.checkpoint)
            networks = [LoadedNetwork(recognizer, options.checkpoint.name)]
        elif options.run is not None:
            networks = [library.load(options.run)]
        else:
            networks = [library.load_best()]
        if options.compare is not None:
            networks.append(library.load(options.compare))
    except (UserError, ValueError) as error:
        _give_up(error)
    return networks


def _give_up(reason: object) -> NoReturn:
    sys.stderr.write(f"{PROGRAM}: {' '.join(str(reason).split())}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
