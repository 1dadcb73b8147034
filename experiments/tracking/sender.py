"""The courier: a thread that brings a journal to the store while the run goes on."""

import threading
import time
from typing import final

from experiments.errors import StoreSilent
from experiments.tracking.delivery import Delivery

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between two attempts at a silent store


@final
class Courier:
    """Delivers whenever it is told that there is something, and tries again if nobody answers.

    ``silence`` is what the latest attempt came to, if the store did not answer it;
    ``failure`` an error that no further attempt would mend.
    """

    def __init__(self, delivery: Delivery, *, name: str) -> None:
        self._delivery = delivery
        self._wake, self._leaving = threading.Event(), threading.Event()
        self._deadline = float("inf")
        self.silence: StoreSilent | None = None
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"courier of {name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to deliver."""
        self._wake.set()

    def leave(self, patience: float) -> None:
        """Delivers the rest and ends; a store that is silent after ``patience`` seconds is left."""
        self._deadline = time.monotonic() + patience
        self._leaving.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        pause = None  # until there is something to deliver
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            leaving = self._leaving.is_set()
            try:
                self._delivery.deliver()
                self.silence = pause = None
            except StoreSilent as error:
                self.silence = error
                if time.monotonic() > self._deadline:
                    return
                longest = _FIRST_PAUSE if leaving else _LONGEST_PAUSE
                pause = min(2 * (pause or _FIRST_PAUSE / 2), longest)
            except Exception as error:
                self.failure = error  # for the thread of the run, which raises it
                return
            if leaving and pause is None:
                return
