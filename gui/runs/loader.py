"""The logged runs while the window is open: listed regularly, loaded on demand."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from gui.background import Background
from gui.runs.library import RunLibrary
from gui.runs.loaded_network import LoadedNetwork
from gui.runs.table import RunRow

_REFRESH = 3000  # milliseconds from one look at the store to the next


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
        self.busy = False  # while the list is read because the user asked for it
        self._library = library
        self._on_rows, self._say = on_rows, say
        self._background = Background(root, "runs")
        self._requests: dict[int, _Request] = {}

    def refresh(self) -> None:
        """Reads the list of runs again."""
        if not self.busy:
            self.busy = True
            self._say("reading the runs …", False)
            self._background.run(self._library.table, self._listed, self._not_listed)

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
        self._background.close()

    def _load(self, side: int) -> None:
        request = self._requests[side]

        def loaded(network: LoadedNetwork) -> None:
            if self._is_latest(side, request):
                request.then(network)

        def failed(reason: str) -> None:
            if self._is_latest(side, request):
                request.otherwise(reason)

        load = partial(self._library.load, request.run_id, request.epoch)
        self._background.run(load, loaded, failed)

    def _is_latest(self, side: int, request: _Request) -> bool:
        """Whether no later request replaced this one; otherwise begins to load that one."""
        if self._requests[side] is not request:
            self._load(side)
            return False
        del self._requests[side]
        return True

    def _listed(self, rows: Sequence[RunRow]) -> None:
        if self.busy:
            self.busy = False
            self._say("", False)
        self._changed(rows)

    def _not_listed(self, reason: str) -> None:
        if self.busy:
            self.busy = False
            self._say(reason, False)
        self._background.later(_REFRESH, self._poll)

    def _poll(self) -> None:
        self._background.run(self._library.news, self._changed, self._not_listed)

    def _changed(self, rows: Sequence[RunRow] | None) -> None:
        if rows is not None and rows != self.rows:
            self.rows = rows
            self._on_rows(rows)
        self._background.later(_REFRESH, self._poll)
