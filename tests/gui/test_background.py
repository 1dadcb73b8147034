"""Work on a thread of its own."""

import gc
import tkinter as tk
from threading import Event

from events import wait_until

from gui.background import Background


def test_an_unexpected_error_is_reported_and_printed(root, capsys) -> None:
    background, begin, told = Background(root, "test"), Event(), []
    background.run(lambda: begin.wait() // 0, told.append, told.append)
    begin.set()
    wait_until(root, lambda: told)
    background.close()
    assert len(told) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_closing_lets_a_task_delete_pictures(root) -> None:
    """The collector may meet a picture in any thread; Tk deletes it in its own."""

    def task() -> None:
        closing.wait()
        gc.collect()

    background, closing = Background(root, "test"), Event()
    picture = tk.PhotoImage(master=root)
    picture.itself = picture  # pyright: ignore[reportAttributeAccessIssue]
    del picture
    background.run(task, print, print)
    root.after(0, closing.set)
    background.close()
