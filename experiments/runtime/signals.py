"""Ctrl-C and SIGTERM: interrupt at once, lose no interrupt, do not disturb the end."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SOON = 0.01  # seconds until the destructor has returned


def interrupt(*_: object) -> NoReturn:
    """A signal handler that stops at once; further signals are ignored while the command ends."""
    ignore_interrupts()
    raise KeyboardInterrupt


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Ctrl-C, SIGTERM or the closing of the terminal end the code inside, without a message."""
    for number in (*STOP_SIGNALS, signal.SIGHUP):
        signal.signal(number, interrupt)
    with suppress(KeyboardInterrupt):
        yield


def keep_interrupts() -> None:
    """From now on a ``KeyboardInterrupt`` that Python drops is raised again.

    Destructors and callbacks of weak references may run at any time. Python only prints a
    ``KeyboardInterrupt`` that is raised in one, and the program continues.
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
    """From now on, because another Ctrl-C would leave a run without an end."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # a dropped interrupt must not be raised now
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
