"""The logged runs while the window is open: listed again and again, opened when asked for."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from gui.background import Background
from gui.prediction.reader import Reader
from gui.runs.library import RunLibrary
from gui.runs.table import RunRow

_REFRESH = 3000  # milliseconds from one look at the store to the next


class _Wanted(NamedTuple):
    run_id: str
    epoch: int | None
    then: Callable[[Reader], None]
    otherwise: Callable[[str], None]


class Runs:
    """Looks after new runs by itself. ``on_rows`` is told of every list that differs.

    ``say`` is told what happens, in a line, and whether it is an error.
    """

    def __init__(
        self,
        root: tk.Misc,
        library: RunLibrary,
        on_rows: Callable[[Sequence[RunRow]], None],
        say: Callable[[str, bool], None],
    ) -> None:
        self.rows: Sequence[RunRow] = ()
        self.busy = False  # while runs are listed on demand
        self._library = library
        self._on_rows, self._say = on_rows, say
        self._background = Background(root, "runs")
        self._wanted: dict[int, _Wanted] = {}

    def refresh(self) -> None:
        """Reads the list of runs again."""
        if not self.busy:
            self.busy = True
            self._say("reading the runs …", False)
            self._background.run(self._library.table, self._listed, self._unlisted)

    def open(
        self,
        side: int,
        run_id: str,
        epoch: int | None,
        then: Callable[[Reader], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Gets a run's network for one side; if another is wanted meanwhile, only that one."""
        waiting = side in self._wanted
        self._wanted[side] = _Wanted(run_id, epoch, then, otherwise)
        if not waiting:
            self._open(side)

    def close(self) -> None:
        """Waits for what is under way."""
        self._background.close()

    def _open(self, side: int) -> None:
        wanted = self._wanted[side]

        def opened(reader: Reader) -> None:
            if self._is_last(side, wanted):
                wanted.then(reader)

        def failed(reason: str) -> None:
            if self._is_last(side, wanted):
                wanted.otherwise(reason)

        read = partial(self._library.reader, wanted.run_id, wanted.epoch)
        self._background.run(read, opened, failed)

    def _is_last(self, side: int, wanted: _Wanted) -> bool:
        if self._wanted[side] is not wanted:
            self._open(side)
            return False
        del self._wanted[side]
        return True

    def _listed(self, rows: Sequence[RunRow]) -> None:
        if self.busy:
            self.busy = False
            self._say("", False)
        self._changed(rows)

    def _unlisted(self, reason: str) -> None:
        if self.busy:
            self.busy = False
            self._say(reason, False)
        self._background.later(_REFRESH, self._look)

    def _look(self) -> None:
        self._background.run(self._library.news, self._changed, self._unlisted)

    def _changed(self, rows: Sequence[RunRow] | None) -> None:
        if rows is not None and rows != self.rows:
            self.rows = rows
            self._on_rows(rows)
        self._background.later(_REFRESH, self._look)
