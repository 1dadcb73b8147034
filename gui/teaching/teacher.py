"""Keeps labelled drawings, and fine-tunes networks on them in the background."""

import threading
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.drawings.collection import DrawingFolder
from experiments.drawings.raster import Point
from gui.background import Background, Unavailable
from gui.runs.loaded_network import LoadedNetwork

if TYPE_CHECKING:
    from experiments.training.teaching import Taught


@dataclass(frozen=True)
class _KeptDrawing:
    file: Path
    paths: list[list[Point]]
    digit: int


class Teacher:
    """Keeps the drawings in a folder, and tunes the networks of logged runs on them.

    A tuned network is never tuned again. Teaching it tunes the network of the original run
    on all drawings kept by then.
    """

    def __init__(self, root: tk.Misc, folder: Path) -> None:
        self.busy = False
        self._folder = DrawingFolder(folder)
        self._added: list[_KeptDrawing] = []
        self._stopped = threading.Event()
        self.background = Background(root, "teacher")

    @property
    def drawings(self) -> int:
        """The number of drawings kept. Raises ``DrawingsError`` if they can't be read."""
        return len(self._folder.read().drawings)

    def keep(self, paths: Sequence[Sequence[Point]], digit: int, run_id: str | None) -> None:
        """Keeps a drawing with its label, which replaces the label that it had just before.

        The drawing is kept once, however long the key is held down. With two copies, one could
        be held back for testing while the network learns from the other. Raises
        ``DrawingsError`` if the file can't be written.
        """
        drawn = [list(path) for path in paths]
        last = self._added[-1] if self._added and self._added[-1].paths == drawn else None
        if last is not None and last.digit == digit:
            return
        file = self._folder.add(drawn, digit, run_id)
        if last is not None:
            self.forget()
        self._added.append(_KeptDrawing(file, drawn, digit))

    def forget(self) -> bool:
        """Removes the last drawing kept since the window opened; False if there is none.

        Raises ``Unavailable`` if the file can't be removed.
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
        loaded: LoadedNetwork,
        then: Callable[[str, str], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Tunes the network's run on all drawings, unless a network is being tuned already.

        ``then`` is called with the id of the tuned run and a summary of the accuracies.
        """
        run_id = loaded.taught_from or loaded.run_id
        if run_id is None:
            otherwise("only the network of a logged run can be taught: choose a run below")
        elif not self.busy:
            self.busy = True

            def done(taught: "Taught | None") -> None:
                self.busy = False
                if taught is not None:
                    then(taught.run_id, _summary(taught))

            def failed(reason: str) -> None:
                self.busy = False
                otherwise(reason)

            self.background.run(lambda: self._teach(run_id), done, failed)

    def close(self) -> None:
        """Stops the tuning before its next step; nothing of it is logged."""
        self._stopped.set()
        self.background.close()

    def _teach(self, run_id: str) -> "Taught | None":
        # Both import mlflow, which takes more than a second.
        from experiments.tracking import RunStore
        from experiments.training.teaching import teach

        return teach(RunStore(), run_id, self._folder.read(), stopped=self._stopped.is_set)


def _summary(taught: "Taught") -> str:
    test = f"test images {taught.test.before:.1%} → {taught.test.after:.1%}"
    if taught.own is None:
        return f"taught: {test}; keep three drawings of a digit to measure the effect on yours"
    own = f"({taught.held_back}) {taught.own.before:.0%} → {taught.own.after:.0%}"
    return f"taught: held-back drawings {own}, {test}"
