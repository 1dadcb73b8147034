"""The logged runs as the window needs them: a table with what is wrong, and networks to load."""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import RunStoreError
from experiments.runs.summary import RunSummary
from gui.background import Unavailable
from gui.recognizer import Recognizer
from gui.runs.loaded_network import LoadedNetwork
from gui.runs.table import TAUGHT, RunRow, row, short
from nnscratch import CheckpointError
from nnscratch.inspection.calibration import Calibration

if TYPE_CHECKING:  # mlflow takes more than a second to import: the window does not wait for it
    from experiments.tracking import RunStore

_BEST = "checkpoints/best.npz"


class RunLibrary:
    """Every method may take a while, and raises ``UserError``. Not for several threads at once."""

    def __init__(self) -> None:
        self._opened: RunStore | None = None
        self._version: object = None  # of the store when the table was made
        self._verified: dict[Path, tuple[tuple[int, int], str]] = {}

    def table(self) -> list[RunRow]:
        """All trained and taught runs, newest first."""
        store = self._store()
        self._version = store.version()
        both = [*store.runs(), *store.runs("tuned")]
        runs = sorted(both, key=lambda run: run.started, reverse=True)
        return [row(run, self._trouble(store, run)) for run in runs]

    def news(self) -> list[RunRow] | None:
        """``table()``, or None if nothing was logged since the last table."""
        version = self._store().version()
        return None if version is not None and version == self._version else self.table()

    def load_best(self) -> LoadedNetwork:
        """The run with the best accuracy on digits."""
        return self.load(self._store().best_run().run_id)

    def load(self, run_id: str, epoch: int | None = None) -> LoadedNetwork:
        """The best network of a run, or the one after an epoch.

        ``run_id``: whatever ``RunStore.run`` accepts.
        """
        store = self._store()
        run = store.run(run_id)
        name = "best" if epoch is None else f"epochs/epoch_{epoch:04d}"
        try:
            recognizer = Recognizer.from_checkpoint(store.checkpoint(run.run_id, name))
        except ValueError as error:
            raise Unavailable(f"run {run_id}: {error}") from error
        return LoadedNetwork(
            recognizer,
            source=f"{short(run.name)} · {run.run_id[:8]}",
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
            self._opened = RunStore()
        return self._opened

    def _trouble(self, store: "RunStore", run: RunSummary) -> str:
        """Why a run can't be loaded, in two words. Only files on this machine are checked."""
        try:
            file = store.local_artifact(run, _BEST)
        except RunStoreError:
            return "" if run.status == "RUNNING" else "no checkpoint"
        return "" if file is None else self._verify(file)

    def _verify(self, file: Path) -> str:
        try:
            stat = file.stat()
        except OSError:  # removed a moment ago
            return "no checkpoint"
        state = (stat.st_mtime_ns, stat.st_size)
        known = self._verified.get(file)
        if known is None or known[0] != state:
            known = self._verified[file] = (state, _trouble_with(file))
        return known[1]


def _calibration(store: "RunStore", run_id: str) -> Calibration | None:
    """None if the run logged none, or if the file can't be read."""
    try:
        return Calibration.from_json(store.artifact(run_id, "calibration.json").read_text())
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
