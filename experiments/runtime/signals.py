"""Ctrl-C and SIGTERM: interrupting at once, never losing an interrupt, leaving the end in peace."""

import signal
import sys
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SOON = 0.01  # seconds in which a destructor's caller goes on


def interrupt(*_: object) -> NoReturn:
    """Stops at once, as a handler of signals; the end, which takes seconds, is left in peace."""
    ignore_interrupts()
    raise KeyboardInterrupt


def keep_interrupts() -> None:
    """From now on a ``KeyboardInterrupt`` that Python drops is raised once more.

    One that is raised in a destructor or in the callback of a weak reference, both of which
    may run at any time, is printed and forgotten, and what it should have stopped goes on.
    """
    before = sys.unraisablehook

    def hook(dropped: "sys.UnraisableHookArgs") -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, _SOON)
        else:
            before(dropped)

    sys.unraisablehook = hook


def ignore_interrupts() -> None:
    """From now on: another Ctrl-C would leave a run without its end."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # one that was dropped must not come back now
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
