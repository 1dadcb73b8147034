"""The logged runs while the window is open: listed regularly, loaded on demand."""

import time
import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from gui.background import Background
from gui.runs.library import RunLibrary
from gui.runs.loaded_network import LoadedNetwork
from gui.runs.table import RunRow

_REFRESH = 3000  # milliseconds from one look at the store to the next, at least
_PAUSE = 10  # a look at a large store is followed by a pause of so many times its duration
_BREATH = 100  # milliseconds between two checks of checkpoints, so that drawing stays smooth


class _Request(NamedTuple):
    run_id: str
    epoch: int | None
    then: Callable[[LoadedNetwork], None]
    otherwise: Callable[[str], None]


class RunLoader:
    """Looks for new runs regularly. ``on_rows`` is called with each list that differs.

    ``say`` is called with a message and whether it is an error.
    """

    def __init__(
        self,
        root: tk.Misc,
        library: RunLibrary,
        on_rows: Callable[[Sequence[RunRow]], None],
        say: Callable[[str, bool], None],
    ) -> None:
        self.rows: Sequence[RunRow] = ()
        self.busy = False  # while the user waits for the list
        self._waiting = False  # for the next look at the store
        self._checking = False
        self._library = library
        self._on_rows, self._say = on_rows, say
        self.background = Background(root, "runs")
        self._requests: dict[int, _Request] = {}

    def refresh(self) -> None:
        """Reads the list of runs again."""
        if not self.busy:
            self.busy = True
            self._say("reading the runs …", False)
            self._read(self._library.table(), time.monotonic())

    def load(
        self,
        side: int,
        run_id: str,
        epoch: int | None,
        then: Callable[[LoadedNetwork], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Loads a network for one side; a later request for that side replaces this one."""
        busy = side in self._requests
        self._requests[side] = _Request(run_id, epoch, then, otherwise)
        if not busy:
            self._load(side)

    def close(self) -> None:
        """Waits for the work in the background."""
        self.background.close()

    def _load(self, side: int) -> None:
        request = self._requests[side]

        def loaded(network: LoadedNetwork) -> None:
            if self._is_latest(side, request):
                request.then(network)

        def failed(reason: str) -> None:
            if self._is_latest(side, request):
                request.otherwise(reason)

        load = partial(self._library.load, request.run_id, request.epoch)
        self.background.run(load, loaded, failed)

    def _is_latest(self, side: int, request: _Request) -> bool:
        """Whether no later request replaced this one; otherwise begins to load that one."""
        if self._requests[side] is not request:
            self._load(side)
            return False
        del self._requests[side]
        return True

    def _read(self, table: Iterator[Sequence[RunRow]], began: float) -> None:
        """Reads the list in steps: a network that is chosen meanwhile waits for one step only."""

        def then(rows: Sequence[RunRow] | None) -> None:
            if rows is None:
                self._pause(began)
                self._check()
            else:
                self._answer("")
                self._changed(rows)
                self._read(table, began)

        def otherwise(reason: str) -> None:
            self._answer(reason)
            self._pause(began)

        self.background.run(lambda: next(table, None), then, otherwise)

    def _answer(self, message: str) -> None:
        """Says that the newest runs are listed, or why not, if the user waits for that."""
        if self.busy:
            self.busy = False
            self._say(message, False)

    def _pause(self, began: float) -> None:
        if not self._waiting:
            self._waiting = True
            milliseconds = round(1000 * _PAUSE * (time.monotonic() - began))
            self.background.later(max(_REFRESH, milliseconds), self._poll)

    def _poll(self) -> None:
        self._waiting = False
        self._read(self._library.news(), time.monotonic())

    def _check(self) -> None:
        """Has the checkpoints of the listed runs opened, a few at a time."""

        def then(rows: Sequence[RunRow] | None) -> None:
            self._checking = rows is not None
            if rows is not None:
                self._changed(rows)
                self.background.later(_BREATH, run)

        def run() -> None:
            self.background.run(self._library.check, then, lambda _: then(None))

        if not self._checking:
            self._checking = True
            run()

    def _changed(self, rows: Sequence[RunRow]) -> None:
        if rows != self.rows:
            self.rows = rows
            self._on_rows(rows)
