"""Ctrl-C, SIGTERM and SIGHUP: interrupt at once, lose no interrupt, do not disturb the end."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

STOP_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    # A closed terminal sends SIGHUP. Under nohup, a command ignores it from the start.
    *(() if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)),
)
_SOON = 0.01  # seconds until the destructor has returned


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP instead of Ctrl-C."""


def on_stop(handler: Callable[[int, object], object] | signal.Handlers) -> None:
    """From now on every signal that asks this process to stop has this handler."""
    for number in STOP_SIGNALS:
        signal.signal(number, handler)


def interrupt(number: int, _: object = None) -> NoReturn:
    """A signal handler that stops at once; further signals are ignored while the command ends."""
    ignore_interrupts()
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


@contextmanager
def until_interrupted() -> Iterator[None]:
    """A signal to stop ends the code inside, without a message."""
    on_stop(interrupt)
    with suppress(KeyboardInterrupt):
        yield


def keep_interrupts() -> None:
    """From now on a ``KeyboardInterrupt`` that Python drops is raised again.

    Destructors and callbacks of weak references may run at any time. Python only prints a
    ``KeyboardInterrupt`` that is raised in one, and the program continues.
    """
    before = sys.unraisablehook

    def hook(dropped: "sys.UnraisableHookArgs") -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            before(dropped)
            return
        kind = dropped.exc_type

        def again(*_: object) -> NoReturn:
            raise kind

        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, _SOON)

    sys.unraisablehook = hook


def ignore_interrupts() -> None:
    """From now on, because another Ctrl-C would leave a run without an end."""
    signal.setitimer(signal.ITIMER_REAL, 0)  # a dropped interrupt must not be raised now
    on_stop(signal.SIG_IGN)
