"""What a user does to a window of this process, and what it shows then."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter as tk

LINE = [(140, y) for y in range(60, 220, 10)]


def wait_until(root: "tk.Misc", happened: Callable[[], object], seconds: float = 240) -> None:
    """Lets a window of this process live until something has happened in it."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "the window never got there"
        root.update()
        time.sleep(0.005)
    root.update()


def press(app, key: str) -> None:
    """A key, as if typed into the window."""
    app.root.focus_force()
    app.root.update()
    app.canvas.event_generate(key)
    app.root.update()


def draw(app, points=LINE, *, lift: bool = True) -> None:
    app.root.update()
    app.canvas.event_generate("<ButtonPress-1>", x=points[0][0], y=points[0][1])
    for x, y in points[1:]:
        app.canvas.event_generate("<B1-Motion>", x=x, y=y)
    if lift:
        app.canvas.event_generate("<ButtonRelease-1>", x=points[-1][0], y=points[-1][1])


def texts(canvas) -> list[str]:
    """Every text on a Tk canvas."""
    return [canvas.itemcget(i, "text") for i in canvas.find_all() if canvas.type(i) == "text"]


def choose(app, run_id: str) -> None:
    """A click on a row, until its network is there or it is said why not."""
    before = app.panels[0].loaded, app.message.cget("text")
    app.picker.table.selection_set(run_id)
    wait_until(app.root, lambda: (app.panels[0].loaded, app.message.cget("text")) != before)


def shown_pixels(app) -> bytes:
    from PIL import ImageTk

    return ImageTk.getimage(app.input_panel.pixels.photo).tobytes()
