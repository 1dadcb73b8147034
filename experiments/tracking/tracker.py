"""Writing one run: parameters, one batch of metrics per epoch, artifacts, and how it ended."""

import getpass
import json
import logging
import os
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
from experiments.errors import (
    Pruned,
    RunNotLogged,
    RunStoreError,
    Stopped,
    StoreSilent,
    first_line,
    masked,
)
from experiments.runs.summary import RunSummary
from experiments.runs.tags import (
    DIVERGED,
    ERROR,
    HOST,
    JOURNAL,
    KIND,
    PARENT,
    PRUNED,
    RunKind,
    shared_by,
)
from experiments.runtime.commands import python_command
from experiments.runtime.files import copy
from experiments.tracking.connection import open_store
from experiments.tracking.database.address import elsewhere, resolve_uri
from experiments.tracking.dataset_input import DRAWINGS_FILE, dataset_input, drawings_input
from experiments.tracking.delivery import Delivery
from experiments.tracking.entries import Entry
from experiments.tracking.journal import Journal, is_key
from experiments.tracking.place import Place
from experiments.tracking.sender import Sender
from nnscratch import Dataset, DivergenceError, Network

_LOG = logging.getLogger(__name__)
_EXAMPLES = 2
_MAX_VALUE = 6000  # characters that MLflow keeps of a parameter
_PATIENCE = 10.0  # seconds that the end of a run waits for a silent store


@final
class Tracker:
    """One run in the store, from its creation to its end; a context manager.

    Every entry goes to a journal on this machine's disk first, and a thread sends it from there
    to the store: nothing is lost once a method has returned, and training does not wait for a
    silent store. Leaving the context ends the run: FINISHED; KILLED after Ctrl-C or ``Stopped``;
    FAILED after any other exception, with the error in the tag ``nnscratch.error``. Entries that
    the store still lacks then stay in the journal, for ``python -m experiments.deliver``.

    ``resumed`` is a stopped run that continues; metrics that it has ``logged`` up to some step
    are not logged again. Raises ``RunStoreError`` if the store can't be opened, except for a
    child run: its parent was created just before. Raises ``JournalInUse`` if another
    process holds the journal of the resumed run.
    """

    def __init__(
        self,
        where: Place,
        *,
        name: str,
        kind: RunKind,
        parameters: Mapping[str, Any],
        tags: Mapping[str, str],
        parent_run_id: str | None = None,
        resumed: RunSummary | None = None,
        logged: Mapping[str, int] | None = None,
    ) -> None:
        address = resolve_uri(where.uri)
        self._logged = dict(logged or {})  # the latest step of each metric
        if resumed is None:
            self._journal = _journal(where.journals)
            parent = {} if parent_run_id is None else {PARENT: parent_run_id}
            begin: list[Entry] = [
                {
                    "op": "create",
                    "uri": address,
                    "experiment": where.experiment,
                    "artifacts": where.artifacts,
                    "name": masked(name),
                    "time": _now(),
                    "parameters": {k: masked(str(v))[:_MAX_VALUE] for k, v in parameters.items()},
                    "tags": {**_tags(kind, self._journal.key), **parent, **tags},
                }
            ]
        else:
            key = resumed.journal if is_key(resumed.journal) else None
            self._journal = _journal(where.journals, key)
            here = {HOST: socket.gethostname(), JOURNAL: self._journal.key}
            begin = [
                {"op": "reopen", "uri": address, "name": name, "run_id": resumed.run_id},
                {"op": "tags", "values": {**here, ERROR: ""}},
            ]
        self._delivery = Delivery(self._journal, begins=True)
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
        self._sender = Sender(self._delivery, name=name)

    @property
    def run_id(self) -> str | None:
        """The id that the store gave the run; None if it has been silent since the beginning."""
        return self._journal.run_id

    @property
    def delivery_command(self) -> str:
        """The command that sends what the store has not received."""
        journals = self._journal.folder.parent
        usual = journals == Path("mljournal").absolute()
        return python_command(
            "experiments.deliver", *(() if usual else ("--journal", str(journals)))
        )

    @property
    def store(self) -> dict[str, str]:
        """The variable that other commands need to use this store; empty if they need none."""
        return elsewhere(self._delivery.uri)

    def log_metrics(self, metrics: Mapping[str, float | None], step: int) -> None:
        """All metrics of one step in one transaction; a metric without a value is left out."""
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
        """``write`` gets the name of a file or folder to make, the artifact at ``path``.

        The artifact appears whole or not at all, and replaces an older one at that path. Only a
        tracking server takes a folder file by file.
        ``copies`` are further paths for the same file, which are delivered before it.
        """
        artifact = self._journal.stage(path, write)
        again = partial(copy, self._journal.file(artifact))
        self._log(*(self._journal.stage(other, again) for other in copies), artifact)

    def write_text(self, path: str, text: str) -> None:
        """An artifact of UTF-8 text."""
        self.write_artifact(path, lambda file: file.write_text(text, encoding="utf-8"))

    def log_dataset(self, splits: Splits) -> None:
        """The data set that the run learns from, for MLflow's lists and searches."""
        self._log({"op": "dataset", **dataset_input(splits).to_dictionary()})

    def log_drawings(self, drawings: OwnDrawings) -> None:
        """Own drawings that the run learns from: all of them, and an entry for MLflow's lists."""
        self.write_text(DRAWINGS_FILE, drawings.to_json())
        self._log({"op": "dataset", **drawings_input(drawings).to_dictionary()})

    def log_model(self, network: Network, train: Dataset) -> None:
        """The network as an MLflow model, with two of its training samples as examples."""
        from experiments.tracking.models.export import export_model  # here: needed only at the end

        example = train.take(slice(0, _EXAMPLES))[0]
        self.write_artifact("model", lambda folder: export_model(network, folder, example))

    def log_table(self, path: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table artifact, which the MLflow UI shows and compares."""
        table = {"columns": list(columns), "data": list(zip(*columns.values(), strict=True))}
        self.write_text(path, json.dumps(table))
        self.set_tags({"mlflow.loggedArtifacts": json.dumps([{"path": path, "type": "table"}])})

    @contextmanager
    def together(self) -> Iterator[None]:
        """Entries logged inside reach the disk in one piece at the end, also after an error."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            self._append(*held)

    def _log(self, *entries: Entry) -> None:
        """Into the journal. Raises, once, what stopped the sender, or an error of the disk.

        An artifact that its repository refuses does not end the training: the journal keeps it.
        """
        failure = self._failure
        if failure is not None and not self._raised:
            self._raised = True  # what the run logs on its way out is kept in the journal
            if isinstance(failure, RunStoreError):
                raise RunNotLogged(str(failure)) from failure
            raise failure
        if self._held is None:
            self._append(*entries)
        else:
            self._held += entries

    @property
    def _failure(self) -> Exception | None:
        """What stopped the sender, or the error of an artifact on this machine's disks."""
        complaint = self._delivery.complaint
        return self._sender.failure or (complaint if isinstance(complaint, OSError) else None)

    def _append(self, *entries: Entry) -> None:
        self._journal.append(*entries)
        self._sender.wake()

    # --- the end ------------------------------------------------------------------------

    def end(self, status: str, tags: Mapping[str, str] | None = None) -> None:
        """FINISHED, FAILED or KILLED, with tags that say why.

        Raises ``RunNotLogged`` if the store or the disk has refused a part of a finished run.
        """
        entries: list[Entry] = [{"op": "end", "status": status, "time": _now()}]
        if tags:
            entries.insert(0, {"op": "tags", "values": dict(tags)})
        try:
            self._journal.append(*entries)
        except OSError:  # no room on the disk even for a line: straight to the store
            self._sender.finish(_PATIENCE)
            for entry in entries:
                with suppress(Exception):
                    self._delivery.send(entry)
        over = self._sender.finish(_PATIENCE)
        error = self._sender.failure or self._delivery.complaint or self._sender.silence
        kept = len(self._journal.pending())
        if over:  # else the sender may still write to it: only the end of this process frees it
            self._journal.close(error)
        if not kept:
            return
        where, run_id = os.path.relpath(self._journal.folder), (self.run_id or "?")[:8]
        left = (
            f"{error}; {kept} entries of run {run_id} are kept in {where}: "
            f"`{self.delivery_command}` delivers them"
        )
        if status == "FINISHED" and self._failure is not None and not self._raised:
            raise RunNotLogged(left) from error
        _LOG.warning(left)

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
            self.end("KILLED", {PRUNED: "true"} if isinstance(error, Pruned) else {})
        else:
            diverged = {DIVERGED: "true"} if isinstance(error, DivergenceError) else {}
            reason = f"{type(error).__name__}: {first_line(error)}"
            self.end("FAILED", {ERROR: reason, **diverged})


def share(uri: str | None, run_id: str, sweep_id: str) -> None:
    """Lets a sweep count a run that another sweep made as one of its own."""
    open_store(resolve_uri(uri)).set_tag(run_id, shared_by(sweep_id), "true")


def _journal(root: Path, key: str | None = None) -> Journal:
    try:
        return Journal(root, key)
    except OSError as error:
        raise RunStoreError(
            f"tracking.journal={root}: that folder can't be written to ({error.strerror}): "
            "choose another"
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
    except (KeyError, OSError):  # in a container the user may have no name
        return "unknown"
