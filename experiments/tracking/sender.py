"""A thread that sends a journal to the store while the run continues."""

import threading
import time
from typing import final

from experiments.errors import StoreSilent, masked
from experiments.tracking.delivery import Delivery

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between two attempts at a silent store


@final
class Sender:
    """Delivers whenever there is something new, and tries again if the store is silent.

    ``silence`` is the error of the latest attempt, if the store did not answer it;
    ``failure`` is an error that no further attempt would fix.
    """

    def __init__(self, delivery: Delivery, *, name: str) -> None:
        self._delivery = delivery
        self._wake, self._finishing = threading.Event(), threading.Event()
        self._deadline = float("inf")
        self.silence: StoreSilent | None = None
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"sender of {name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to deliver."""
        self._wake.set()

    def finish(self, patience: float) -> bool:
        """Delivers the rest and ends. A store that is silent gets ``patience`` seconds.

        False if one entry takes so long that the store must be frozen: the thread, which can't be
        ended, is then left waiting for it.
        """
        self._deadline = time.monotonic() + patience
        self._finishing.set()
        self._wake.set()
        while self._thread.is_alive():
            if time.monotonic() > max(self._deadline, self._delivery.due):
                self.silence = StoreSilent(f"the run store {masked(self._delivery.uri)} is frozen")
                return False
            self._thread.join(_FIRST_PAUSE)
        return True

    def _run(self) -> None:
        pause = None  # until there is something to deliver
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            finishing = self._finishing.is_set()
            try:
                self._delivery.deliver()
                self.silence = pause = None
            except StoreSilent as error:
                self.silence = error
                if time.monotonic() > self._deadline:
                    return
                longest = _FIRST_PAUSE if finishing else _LONGEST_PAUSE
                pause = min(2 * (pause or _FIRST_PAUSE / 2), longest)
            except Exception as error:
                self.failure = error  # the thread of the run raises it
                return
            if finishing and pause is None:
                return
