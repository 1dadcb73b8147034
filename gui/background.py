"""Work on a thread of its own, whose results are handed over in Tk's."""

import tkinter as tk
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

_LOOK = 20  # milliseconds between two looks at what is under way


class Unavailable(Exception):
    """What was asked for can't be had; the message is a line for the user."""


class Background:
    """One thread for what may take its time; the window never waits for it."""

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
        """``then`` gets what ``task`` returns, ``otherwise`` the reason why it can't be had.

        A mistake in ``task`` is told to both ``otherwise``, so that nobody waits for ever, and
        Tk, which prints its traceback.
        """
        self._await(self._worker.submit(task), then, otherwise)

    def close(self) -> None:
        """Waits for what is under way, which must not outlive Tk: Tcl aborts if it does."""
        self._worker.shutdown(cancel_futures=True)
        with suppress(tk.TclError):  # it may be gone already, and all timers with it
            for timer in self._timers:
                self._root.after_cancel(timer)

    def later(self, milliseconds: int, act: Callable[[], object]) -> None:
        """Calls ``act`` in Tk's thread after a while, unless this is closed before."""

        def come() -> None:
            self._timers.discard(timer)
            act()

        timer = self._root.after(milliseconds, come)
        self._timers.add(timer)

    def _await(
        self,
        result: "Future[Result]",
        then: Callable[[Result], object],
        otherwise: Callable[[str], object],
    ) -> None:
        if not result.done():
            self.later(_LOOK, lambda: self._await(result, then, otherwise))
        elif (error := result.exception()) is None:
            then(result.result())
        else:
            otherwise(str(error) or type(error).__name__)
            if not isinstance(error, Unavailable):
                raise error
