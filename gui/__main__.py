"""``python -m gui``: loads a trained network and opens the window on it."""

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.cli.arguments import Parser
from experiments.cli.entry import command
from experiments.errors import UsageError
from experiments.runtime.paths import path_argument

if TYPE_CHECKING:  # `--help` and errors should not wait for imports
    from gui.runs.library import RunLibrary
    from gui.runs.loaded_network import LoadedNetwork


# Signals end it at once: Tk's loop rarely runs Python, which a handler of our own would need.
@command(on_signal=signal.SIG_DFL)
def main(arguments: Sequence[str] | None = None) -> None:
    """Opens the window and returns when it is closed; exits with status 2 if it can't open."""
    options = _parser().parse_args(arguments)
    try:
        import tkinter as tk

        from PIL import ImageTk as _ImageTk  # noqa: F401  (a package of its own on some systems)
    except ImportError as error:
        raise UsageError(
            f"the window needs tkinter, which this Python lacks ({error}): install python3-tk "
            "and python3-pil.imagetk, or the same packages of your system"
        ) from error

    from gui.runs.library import RunLibrary

    library = RunLibrary(options.uri)
    networks = _networks(options, library)
    try:
        root = tk.Tk(className="nnscratch")
    except tk.TclError as error:
        raise UsageError(
            f"the window needs a display ({error}): start it in a graphical session, "
            "or under Xvfb, with DISPLAY set to it"
        ) from error

    from gui.app import App
    from gui.style import palette
    from gui.style.theme import theme_for

    colours = palette.LIGHT if options.light else palette.DARK
    theme = theme_for(root, colours, options.scale)
    app = App(root, networks, library, theme, options.drawings)
    # A window must be on the display before it can get the keyboard.
    root.bind("<Map>", lambda event: root.focus_force() if event.widget is root else None)
    root.mainloop()
    app.close()


def _parser() -> Parser:
    parser = Parser(
        prog="nnscratch-draw", description="Draw digits and watch a trained network classify them."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--best",
        action="store_true",
        help="the best logged run (default: the best on MNIST, or the network that comes with it)",
    )
    choice.add_argument("--run", metavar="RUN", help="its id, or models:/NAME@ALIAS")
    choice.add_argument(
        "--checkpoint", metavar="FILE", type=path_argument, help="a saved network, .npz"
    )
    parser.add_argument(
        "--uri", help="the store of the runs (default: MLFLOW_TRACKING_URI, or here)"
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
    """The network asked for, and the one to compare it with. Raises ``UserError``."""
    from gui.recognizer import Recognizer
    from gui.runs.loaded_network import LoadedNetwork

    try:
        if options.checkpoint is not None:
            recognizer = Recognizer.from_checkpoint(options.checkpoint)
            networks = [LoadedNetwork(recognizer, options.checkpoint.name)]
        elif options.run is not None:
            networks = [library.load(options.run)]
        elif options.best:
            networks = [library.load_best()]
        else:
            networks = [library.load_first()]
        if options.compare is not None:
            networks.append(library.load(options.compare))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return networks


if __name__ == "__main__":
    main()
