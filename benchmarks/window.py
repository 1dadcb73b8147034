"""The time from the mouse to the answer: ``python -m benchmarks.window`` (needs Xvfb, xdotool).

Real mouse events draw in a window on a virtual display. The clock starts when the X server stamps
an event, so the time until the event reaches the window counts too. The clock stops when Tk has
painted the answer, the probabilities and the pixels. The picture of the network follows later,
strip by strip between the events.
"""

import os
import subprocess
import tempfile
import threading
import time
import tkinter as tk
from contextlib import chdir
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.display import virtual_display
from gui.app import App
from gui.recognizer import Recognizer
from gui.runs.library import RunLibrary
from gui.runs.loaded_network import LoadedNetwork
from gui.style.theme import theme_for
from nnscratch import mlp

DRAWINGS = 30
POINTS = 60  # of a drawing, one every 8 ms, like a common mouse
_SETTLED = 5.0  # seconds until the window has read the list of runs
_LOOK = 50  # milliseconds between two checks whether the drawing thread has ended


class _Clock:
    """Milliseconds from the first event since the last answer to the next answer."""

    def __init__(self, app: App) -> None:
        self.milliseconds: list[float] = []
        self.points = 0
        self._app = app
        self._waiting: int | None = None
        # Before the canvas, which answers at once when the button is released.
        app.canvas.bindtags(("clock", *app.canvas.bindtags()))
        for sequence in ("<ButtonPress-1>", "<B1-Motion>", "<ButtonRelease-1>"):
            app.canvas.bind_class("clock", sequence, self._event)
        app.canvas.on_change = self._answer

    def _event(self, event: "tk.Event[tk.Misc]") -> None:
        self.points += event.type != tk.EventType.ButtonRelease
        if self._waiting is None:
            self._waiting = event.time

    def _answer(self) -> None:
        self._app.recognize()
        self._app.root.update_idletasks()
        if self._waiting is not None:
            # The X server stamps events with this machine's monotonic clock, in milliseconds.
            self.milliseconds.append(time.monotonic() * 1000 % 2**32 - self._waiting)
            self._waiting = None


def main() -> None:
    """Prints the median and 95th percentile over all answers, and how many points arrived."""
    with virtual_display() as display, threadpool_limits(1):
        milliseconds, points = measure(display, DRAWINGS, _SETTLED)
    median, high, worst = np.percentile(milliseconds, (50, 95, 100))
    print(
        f"{points / DRAWINGS / POINTS:.0%} of the points arrived; "
        f"{len(milliseconds)} answers while drawing: "
        f"median {median:.1f} ms, 95th percentile {high:.1f} ms, the slowest {worst:.1f} ms"
    )


def measure(display: str, drawings: int, settle: float) -> tuple[list[float], int]:
    """Milliseconds of each answer, and how many points arrived.

    The first drawing begins after ``settle`` seconds.
    """
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # a folder without runs
        root = tk.Tk(screenName=display)
        network = LoadedNetwork(Recognizer(mlp([784, 128, 64, 10], seed=0)), "untrained")
        app = App(root, [network], RunLibrary(), theme_for(root, scale=1), Path(folder))
        clock = _Clock(app)
        root.update()
        corner = (app.canvas.winfo_rootx(), app.canvas.winfo_rooty())
        hand = threading.Thread(target=_draw, args=(display, corner, drawings, settle))
        hand.start()
        _live_while(root, hand)
        root.destroy()
        app.close()
    return clock.milliseconds, clock.points


def _live_while(root: tk.Tk, hand: threading.Thread) -> None:
    def look() -> None:
        if hand.is_alive():
            root.after(_LOOK, look)
        else:
            root.quit()

    look()
    root.mainloop()


def _draw(display: str, corner: tuple[int, int], drawings: int, settle: float) -> None:
    """Draws eights across the canvas."""
    time.sleep(settle)
    turn = np.linspace(0, 2 * np.pi, POINTS)
    x = np.rint(corner[0] + 140 + 60 * np.sin(2 * turn)).astype(int)
    y = np.rint(corner[1] + 140 + 90 * np.cos(turn)).astype(int)
    for _ in range(drawings):
        moves = ["mousemove", str(x[0]), str(y[0]), "key", "Escape", "mousedown", "1"]
        for point in zip(x[1:].tolist(), y[1:].tolist(), strict=True):
            moves += ["mousemove", *map(str, point), "sleep", "0.008"]
        moves += ["mouseup", "1", "sleep", "0.05"]
        subprocess.run(["xdotool", *moves], env={**os.environ, "DISPLAY": display}, check=True)


if __name__ == "__main__":
    main()
