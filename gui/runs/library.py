"""The logged runs as the window needs them: a table with what is wrong, and readers to open."""

from pathlib import Path
from typing import TYPE_CHECKING

from gui.background import Unavailable
from gui.prediction.reader import Reader
from gui.recognizer import Recognizer
from gui.runs.table import TAUGHT, RunRow, row, short
from nnscratch import CheckpointError
from nnscratch.inspection.calibration import Calibration

if TYPE_CHECKING:  # mlflow takes more than a second to import: the window doesn't wait for it
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore

_BEST = "checkpoints/best.npz"


class RunLibrary:
    """Every method may take its time, and raises ``Unavailable``; for one thread at a time."""

    def __init__(self) -> None:
        self._opened: RunStore | None = None
        self._seen: object = None
        self._verified: dict[Path, tuple[tuple[int, int], str]] = {}

    def table(self) -> list[RunRow]:
        """All training runs and what was tuned of them, newest first."""
        from experiments.errors import RunStoreError

        store = self._store()
        self._seen = store.version()
        try:
            runs = sorted(
                [*store.runs(), *store.tuned()], key=lambda run: run.started, reverse=True
            )
            return [row(run, self._trouble(store, run)) for run in runs]
        except RunStoreError as error:
            raise Unavailable(str(error)) from error

    def news(self) -> list[RunRow] | None:
        """``table()``, or None if nothing was logged since the last one."""
        version = self._store().version()
        return None if version is not None and version == self._seen else self.table()

    def best(self) -> Reader:
        """The run that reads digits best."""
        from experiments.errors import RunStoreError

        try:
            return self.reader(self._store().best_run().run_id)
        except RunStoreError as error:
            raise Unavailable(str(error)) from error

    def reader(self, run_id: str, epoch: int | None = None) -> Reader:
        """The network of a run, by whatever ``RunStore.run`` takes; the best or after an epoch."""
        from experiments.errors import RunStoreError

        store = self._store()
        try:
            run = store.run(run_id)
            name = "best" if epoch is None else f"epochs/epoch_{epoch:04d}"
            return Reader(
                Recognizer.from_checkpoint(store.checkpoint(run.run_id, name)),
                source=f"{short(run.name)} · {run.run_id[:8]}",
                run_id=run.run_id,
                data=run.params.get("data.name"),
                taught_from=run.parent if TAUGHT in run.params else None,
                epoch=epoch,
                epochs=store.epochs(run.run_id),
                calibration=self._calibration(store, run.run_id),
            )
        except RunStoreError as error:
            raise Unavailable(str(error)) from error
        except ValueError as error:
            raise Unavailable(f"run {run_id}: {error}") from error

    def _store(self) -> "RunStore":
        from experiments.errors import RunStoreError
        from experiments.tracking import RunStore

        if self._opened is None:
            try:
                self._opened = RunStore()
            except RunStoreError as error:
                raise Unavailable(str(error)) from error
        return self._opened

    def _trouble(self, store: "RunStore", run: "RunSummary") -> str:
        """Why a run can't be opened, in two words; only files of this machine are looked into."""
        from experiments.errors import RunStoreError

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

    @staticmethod
    def _calibration(store: "RunStore", run_id: str) -> Calibration | None:
        """None for a run that has logged none, or none that can be read."""
        from experiments.errors import RunStoreError

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
