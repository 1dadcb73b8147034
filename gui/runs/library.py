"""The logged runs as the window needs them: a table with what is wrong, and networks to load."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from experiments.errors import NoRuns, RunStoreError
from experiments.runs.summary import RunSummary
from experiments.runtime.printable import CELL, printable
from gui.background import Unavailable
from gui.recognizer import Recognizer
from gui.runs.loaded_network import LoadedNetwork
from gui.runs.table import TAUGHT, RunRow, row, short
from gui.shipped.network import shipped_network
from nnscratch import CheckpointError
from nnscratch.inspection.calibration import Calibration

if TYPE_CHECKING:  # mlflow takes more than a second to import: the window does not wait for it
    from experiments.tracking import RunStore

_REAL_IMAGES = ("mnist", "mnist_and_pen")
_BEST = "checkpoints/best.npz"
_CHECKED_AT_ONCE = 10  # checkpoints; each takes some milliseconds

_State: TypeAlias = tuple[int, int]
"""The time of the last write to a file, in nanoseconds, and its size in bytes."""


class RunLibrary:
    """Every method may take a while, and raises ``UserError``. Not for several threads at once."""

    def __init__(self, uri: str | None = None) -> None:
        self._uri = uri
        self._opened: RunStore | None = None
        self._version: object = None  # of the store when the table was made
        self._rows: dict[str, RunRow] = {}  # by run id
        self._checked: dict[Path, tuple[_State, str]] = {}
        self._unchecked: dict[Path, RunSummary] = {}

    def table(self) -> Iterator[list[RunRow]]:
        """All trained and taught runs, in steps. Each list holds the ones before, the last one all.

        The newest runs come first. A checkpoint that has not been opened yet counts as fine.
        """
        store = self._store()
        version = store.version()
        gone = set(self._rows)
        self._unchecked = {}
        for page in chain(store.pages("run"), store.pages("tuned")):
            self._rows |= {run.run_id: self._row(store, run) for run in page}
            gone -= {run.run_id for run in page}
            yield list(self._rows.values())
        for run_id in gone:
            del self._rows[run_id]
        self._version = version
        yield list(self._rows.values())

    def news(self) -> Iterator[list[RunRow]]:
        """``table()``, or nothing if nothing was logged since the last table."""
        version = self._store().version()
        if version is None or version != self._version:
            yield from self.table()

    def check(self) -> list[RunRow] | None:
        """The last table after opening a few more checkpoints; None if all have been opened."""
        if not self._unchecked:
            return None
        for file, run in list(islice(self._unchecked.items(), _CHECKED_AT_ONCE)):
            del self._unchecked[file]
            if (state := _state(file)) is not None:
                self._checked[file] = state, _trouble_with(file)
            self._rows[run.run_id] = self._row(self._store(), run)
        return list(self._rows.values())

    def load_best(self) -> LoadedNetwork:
        """The run with the best accuracy on digits."""
        return self.load(self._store().best_run().run_id)

    def load_first(self) -> LoadedNetwork:
        """The best run on images of MNIST's size; without one, the network of ``gui.shipped``."""
        try:
            return self.load(self._store().best_run(_REAL_IMAGES).run_id)
        except NoRuns:
            network = Recognizer(shipped_network())
            return LoadedNetwork(
                network, source="no run on MNIST yet · the network that comes with it"
            )

    def load(self, run_id: str, epoch: int | None = None) -> LoadedNetwork:
        """The best network of a run, or the one after an epoch.

        ``run_id``: whatever ``RunStore.run`` accepts.
        """
        store = self._store()
        run = store.run(run_id)
        name = "best" if epoch is None else f"epochs/epoch_{epoch:04d}"
        try:
            with store.checkpoint(run.run_id, name) as file:
                recognizer = Recognizer.from_checkpoint(file)
        except ValueError as error:
            raise Unavailable(f"run {run_id}: {error}") from error
        return LoadedNetwork(
            recognizer,
            source=f"{printable(short(run.name), CELL)} · {run.run_id[:8]}",
            run_id=run.run_id,
            data=run.params.get("data.name"),
            taught_from=run.parent if TAUGHT in run.params else None,
            epoch=epoch,
            epochs=store.epochs(run.run_id),
            calibration=_calibration(store, run.run_id),
        )

    def _store(self) -> "RunStore":
        from experiments.tracking import RunStore

        if self._opened is None:
            self._opened = RunStore(self._uri)
        return self._opened

    def _row(self, store: "RunStore", run: RunSummary) -> RunRow:
        return row(run, self._trouble(store, run))

    def _trouble(self, store: "RunStore", run: RunSummary) -> str:
        """Why a run can't be loaded, in two words. Only files on this machine are checked."""
        try:
            file = store.local_artifact(run, _BEST)
        except RunStoreError:
            return "" if run.status == "RUNNING" else "no checkpoint"
        if file is None:
            return ""
        state = _state(file)
        if state is None:
            return "no checkpoint"
        known, trouble = self._checked.get(file, (None, ""))
        if known == state:
            return trouble
        self._unchecked[file] = run
        return ""


def _state(file: Path) -> _State | None:
    """What changes with every write to a file; None if it was removed a moment ago."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _calibration(store: "RunStore", run_id: str) -> Calibration | None:
    """None if the run logged none, or if the file can't be read."""
    try:
        with store.artifact(run_id, "calibration.json") as file:
            return Calibration.from_json(file.read_text())
    except (RunStoreError, OSError, ValueError):
        return None


def _trouble_with(file: Path) -> str:
    try:
        Recognizer.from_checkpoint(file)
    except CheckpointError:
        return "corrupt checkpoint"
    except ValueError:
        return "not for digits"
    return ""
