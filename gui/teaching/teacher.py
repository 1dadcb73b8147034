"""Teaching a network one's own hand: drawings that are kept, and what is learnt from them."""

import threading
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.drawings.collection import DrawingFolder
from experiments.errors import DrawingsError
from gui.background import Background, Unavailable
from gui.prediction.reader import Reader
from gui.preprocessing import Point

if TYPE_CHECKING:
    from experiments.training.teaching import Taught


@dataclass(frozen=True)
class _Kept:
    file: Path
    paths: list[list[Point]]
    digit: int


@dataclass(frozen=True)
class Lesson:
    """A tuned run, and in a few words what it came to."""

    run_id: str
    words: str


class Teacher:
    """Keeps labelled drawings in a folder, and tunes networks on them in the background.

    A tuned network is not tuned again: its run was taught, and is taught anew with all
    drawings that there are by then.
    """

    def __init__(self, root: tk.Misc, folder: Path) -> None:
        self.busy = False
        self._folder = DrawingFolder(folder)
        self._added: list[_Kept] = []
        self._stopped = threading.Event()
        self._background = Background(root, "teacher")

    @property
    def drawings(self) -> int:
        """How many drawings are kept. Raises ``Unavailable`` if they can't be read."""
        try:
            return len(self._folder.read().drawings)
        except DrawingsError as error:
            raise Unavailable(str(error)) from error

    def keep(self, paths: Sequence[Sequence[Point]], digit: int, run_id: str | None) -> None:
        """Keeps a drawing as that digit, and no longer as what it was kept as just before.

        Once only, however long its key is held down: were it among the drawings twice, one of
        them could be held back to test what was learnt from the other. Raises ``Unavailable``
        if the disk refuses.
        """
        drawn = [list(path) for path in paths]
        last = self._added[-1] if self._added and self._added[-1].paths == drawn else None
        if last is not None and last.digit == digit:
            return
        try:
            file = self._folder.add(drawn, digit, run_id)
        except DrawingsError as error:
            raise Unavailable(str(error)) from error
        if last is not None:
            self.forget()
        self._added.append(_Kept(file, drawn, digit))

    def forget(self) -> bool:
        """Removes the drawing that was kept last, of those since the window opened.

        Raises ``Unavailable`` if the disk refuses.
        """
        if not self._added:
            return False
        file = self._added[-1].file
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{file} can't be removed: {error.strerror}") from error
        self._added.pop()
        return True

    def teach(
        self,
        reader: Reader,
        then: Callable[[Lesson], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Tunes the reader's run on all drawings; not while a lesson is under way."""
        run_id = reader.taught_from or reader.run_id
        if run_id is None:
            otherwise("only the network of a logged run can be taught: choose one below")
        elif not self.busy:
            self.busy = True

            def done(taught: "Taught | None") -> None:
                self.busy = False
                if taught is not None:
                    then(Lesson(taught.run_id, _words(taught)))

            def failed(reason: str) -> None:
                self.busy = False
                otherwise(reason)

            self._background.run(lambda: self._teach(run_id), done, failed)

    def close(self) -> None:
        """Breaks a lesson off before its next step; nothing of it is logged then."""
        self._stopped.set()
        self._background.close()

    def _teach(self, run_id: str) -> "Taught | None":
        from experiments.errors import RunStoreError, TeachingError
        from experiments.tracking import RunStore
        from experiments.training.teaching import teach

        try:
            drawings = self._folder.read()
            return teach(RunStore(), run_id, drawings, stopped=self._stopped.is_set)
        except (TeachingError, RunStoreError, DrawingsError) as error:
            raise Unavailable(str(error)) from error


def _words(taught: "Taught") -> str:
    test = f"test images {taught.test.before:.1%} → {taught.test.after:.1%}"
    if taught.own is None:
        return f"taught: {test}; of every third drawing of a digit you will see whether it helped"
    own = f"({taught.held_back}) {taught.own.before:.0%} → {taught.own.after:.0%}"
    return f"taught: held-back drawings {own}, {test}"
