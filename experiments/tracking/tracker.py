"""Writing one run: parameters, one batch of metrics per epoch, artifacts, and how it ended."""

import getpass
import json
import logging
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from experiments.datasets import Splits
from experiments.drawings.collection import OwnDrawings
from experiments.errors import RunStoreError, Stopped, StoreSilent, first_line, masked
from experiments.runs.summary import RunSummary
from experiments.runs.tags import ERROR, HOST, JOURNAL, KIND, PARENT, RunKind, shared_by
from experiments.tracking.connection import open_store, resolve_uri
from experiments.tracking.dataset_input import DRAWINGS_FILE, dataset_input, drawings_input
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Entry, Journal
from experiments.tracking.sender import Courier

_LOG = logging.getLogger(__name__)
_MAX_VALUE = 6000  # characters that MLflow keeps of a parameter
_PATIENCE = 10.0  # seconds that the end of a run waits for a silent store


@final
class Tracker:
    """One run in the store, from its creation to its end; a context manager.

    Everything goes to a journal on this machine's disk first and from there, in the
    background, to the store: whatever a method has returned from is not lost any more, and a
    store that doesn't answer costs no training. Leaving the context ends the run: FINISHED;
    KILLED after Ctrl-C or ``Stopped``; FAILED after any other exception, with the error in
    the tag ``nnscratch.error``. What the store lacks then stays in the journal, for
    ``python -m experiments.deliver``.

    ``resumed`` is a stopped run that goes on, instead of a new one; metrics that it logged
    already are not logged again. Raises ``RunStoreError`` if the store can't be opened:
    only a child, whose parent was created just before, may begin without it. Raises
    ``JournalInUse`` if another process is at the resumed run.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: RunKind,
        uri: str | None,
        experiment: str,
        artifacts: str,
        journal: str,
        parameters: Mapping[str, Any],
        tags: Mapping[str, str],
        parent_run_id: str | None = None,
        resumed: RunSummary | None = None,
        logged: Mapping[str, int] | None = None,
    ) -> None:
        root, address = Path(journal).absolute(), resolve_uri(uri)
        self._logged = dict(logged or {})  # the latest step of each metric
        if resumed is None:
            self._journal = _new_journal(root)
            parent = {} if parent_run_id is None else {PARENT: parent_run_id}
            begin: list[Entry] = [
                {
                    "op": "create",
                    "uri": address,
                    "experiment": experiment,
                    "artifacts": Path(artifacts).absolute().as_uri(),
                    "name": masked(name),
                    "time": _now(),
                    "parameters": {k: masked(str(v))[:_MAX_VALUE] for k, v in parameters.items()},
                    "tags": {**_tags(kind, self._journal.key), **parent, **tags},
                }
            ]
        else:
            self._journal = Journal(root, resumed.tags[JOURNAL])
            begin = [
                {"op": "reopen", "uri": address, "name": name, "run_id": resumed.run_id},
                {"op": "tags", "values": {HOST: socket.gethostname(), ERROR: "", **tags}},
            ]
        self._delivery = Delivery(self._journal)
        self._journal.append(*begin)
        try:
            self._delivery.deliver()
        except RunStoreError as error:
            if resumed is not None:
                self._journal.close()
                raise
            if parent_run_id is None or not isinstance(error, StoreSilent):
                self._journal.abandon()
                raise
        self._raised = False
        self._held: list[Entry] | None = None  # while they are to be logged together
        self._courier = Courier(self._delivery, name=name)

    @property
    def run_id(self) -> str | None:
        """The run's id; None as long as the store, silent from the beginning, has not given it."""
        return self._journal.run_id

    def log_metrics(self, metrics: Mapping[str, float | None], step: int) -> None:
        """All metrics of one step in one transaction; None is left out."""
        values = {
            key: value
            for key, value in metrics.items()
            if value is not None and step > self._logged.get(key, -1)
        }
        if values:
            self._log({"op": "metrics", "time": _now(), "step": step, "values": values})

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Adds or replaces tags."""
        self._log({"op": "tags", "values": dict(tags)})

    def write_artifact(self, path: str, write: Callable[[Path], object], *copies: str) -> None:
        """``write`` gets a file name to write to; the file becomes the artifact at ``path``.

        The artifact appears whole or not at all, and replaces an older one of its name.
        So do the copies of a file at other paths, before it.
        """
        artifact = self._journal.stage(path, write)
        copy = partial(shutil.copyfile, self._journal.file(artifact))
        self._log(*(self._journal.stage(other, copy) for other in copies), artifact)

    def write_text(self, path: str, text: str) -> None:
        """An artifact of UTF-8 text."""
        self.write_artifact(path, lambda file: file.write_text(text, encoding="utf-8"))

    def write_folder(self, path: str, write: Callable[[Path], object]) -> None:
        """``write`` gets an empty folder, which becomes the artifact at ``path``.

        Whole, too, but on a server, which takes it file by file.
        """

        def fill(folder: Path) -> None:
            folder.mkdir()
            write(folder)

        self.write_artifact(path, fill)

    def log_dataset(self, splits: Splits) -> None:
        """What the run learns from, for MLflow's column and searches."""
        self._log({"op": "dataset", **dataset_input(splits).to_dictionary()})

    def log_drawings(self, drawings: OwnDrawings) -> None:
        """Own drawings that the run learns from, too: the set itself, and its entry beside that."""
        self.write_text(DRAWINGS_FILE, drawings.to_json())
        self._log({"op": "dataset", **drawings_input(drawings).to_dictionary()})

    def log_table(self, path: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table artifact, which the MLflow UI shows and compares."""
        table = {"columns": list(columns), "data": list(zip(*columns.values(), strict=True))}
        self.write_text(path, json.dumps(table))
        self.set_tags({"mlflow.loggedArtifacts": json.dumps([{"path": path, "type": "table"}])})

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is logged within reaches the disk in one piece at its end, whatever ends it."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            self._append(*held)

    def _log(self, *entries: Entry) -> None:
        """Into the journal; raises what has hindered the courier for good."""
        failure = self._courier.failure or self._delivery.complaint
        if failure is not None and not self._raised:
            self._raised = True  # once: what the run logs on its way out is kept in the journal
            raise failure
        if self._held is None:
            self._append(*entries)
        else:
            self._held += entries

    def _append(self, *entries: Entry) -> None:
        self._journal.append(*entries)
        self._courier.wake()

    # --- the end ------------------------------------------------------------------------

    def end(self, status: str, error: str | None = None) -> None:
        """FINISHED, FAILED or KILLED, and why."""
        entries: list[Entry] = [{"op": "end", "status": status, "time": _now()}]
        if error is not None:
            entries.insert(0, {"op": "tags", "values": {ERROR: error}})
        try:
            self._journal.append(*entries)
        except OSError:  # no room even for a line: straight to the store, if that has some
            self._courier.leave(_PATIENCE)
            for entry in entries:
                with suppress(Exception):
                    self._delivery.send(entry)
        self._courier.leave(_PATIENCE)
        kept = len(self._journal.pending())
        self._journal.close()
        if kept:
            reason = self._courier.failure or self._delivery.complaint or self._courier.silence
            _LOG.warning(
                "%s; %d entries of run %s are kept in %s: "
                "`python -m experiments.deliver` delivers them",
                reason,
                kept,
                (self.run_id or "?")[:8],
                os.path.relpath(self._journal.folder),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.end("FINISHED")
        elif isinstance(error, KeyboardInterrupt | Stopped):
            self.end("KILLED")
        else:
            self.end("FAILED", f"{type(error).__name__}: {first_line(error)}")


def share(uri: str | None, run_id: str, sweep_id: str) -> None:
    """Lets a sweep count a run as its own that another one made."""
    open_store(resolve_uri(uri)).set_tag(run_id, shared_by(sweep_id), "true")


def _new_journal(root: Path) -> Journal:
    try:
        return Journal(root)
    except OSError as error:
        raise RunStoreError(
            f"tracking.journal={root}: no file can be written there: {error.strerror}; name a "
            "folder that takes some"
        ) from error


def _tags(kind: RunKind, journal: str) -> dict[str, str]:
    return {
        KIND: kind,
        JOURNAL: journal,
        HOST: socket.gethostname(),
        "mlflow.user": _user(),
        "mlflow.source.name": "experiments.train",
        "mlflow.source.type": "LOCAL",
    }


def _now() -> int:
    return int(time.time() * 1000)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
