"""Work on a thread of its own. The results arrive in Tk's thread."""

import threading
import tkinter as tk
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from experiments.errors import UserError

Result = TypeVar("Result")

_POLL = 20  # milliseconds from one look at a running task to the next


class Unavailable(UserError):
    """What the user asked for can't be loaded, read or written; the message says why."""


class Background:
    """One thread for tasks that may take a while, so that the window never waits."""

    def __init__(self, root: tk.Misc, name: str) -> None:
        self._root = root
        self._timers: set[str] = set()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)

    def run(
        self,
        task: Callable[[], Result],
        then: Callable[[Result], object],
        otherwise: Callable[[str], object],
    ) -> None:
        """Calls ``then`` with the result of ``task``, or ``otherwise`` with its error message.

        An error that is not the user's goes to ``otherwise`` too, so that nobody waits for
        ever; then to Tk, which prints its traceback.
        """
        self._await(self._worker.submit(task), then, otherwise)

    def close(self) -> None:
        """Waits for the running task. It must not outlive Tk, because Tcl would abort.

        Tk's loop runs meanwhile, also if the window is gone: Python may delete one of Tk's
        pictures in any thread, and that thread then waits for the loop. So ``cancel`` first
        whatever would act in the loop.
        """
        self.cancel()
        end = threading.Thread(target=partial(self._worker.shutdown, cancel_futures=True))
        end.start()
        tcl = self._root.tk

        def look() -> None:
            if end.is_alive():
                tcl.createtimerhandler(_POLL, look)
            else:
                tcl.quit()

        tcl.createtimerhandler(0, look)
        tcl.mainloop(-1)

    def cancel(self) -> None:
        """Nothing acts later, and no result arrives any more."""
        with suppress(tk.TclError):  # the window may be gone, and all its timers too
            while self._timers:
                self._root.after_cancel(self._timers.pop())

    def later(self, milliseconds: int, act: Callable[[], object]) -> None:
        """Calls ``act`` in Tk's thread after a while, unless this is closed before."""

        def fire() -> None:
            self._timers.discard(timer)
            act()

        timer = self._root.after(milliseconds, fire)
        self._timers.add(timer)

    def _await(
        self,
        result: "Future[Result]",
        then: Callable[[Result], object],
        otherwise: Callable[[str], object],
    ) -> None:
        if not result.done():
            self.later(_POLL, lambda: self._await(result, then, otherwise))
        elif (error := result.exception()) is None:
            then(result.result())
        else:
            otherwise(str(error) or type(error).__name__)
            if not isinstance(error, UserError):
                raise error
