"""From the journal to the store: every operation in order.

A process may die between sending an operation and noting it; the operation is then sent
twice, which changes nothing. MLflow drops a metric of the same key, step, time and value;
parameters and tags are set to the values that they have already; an artifact replaces
itself; and before a run is created, it is looked for by the key of its journal.
"""

import errno
import shutil
import time
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import final

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag

from experiments.errors import RunStoreError, StoreSilent, masked
from experiments.runs.tags import ERROR, JOURNAL, tag_is
from experiments.runtime.files import copy, make_folder, sync, tree
from experiments.runtime.patience import PATIENCE
from experiments.tracking.artifact_place import prove
from experiments.tracking.connection import find_or_create_experiment, open_store
from experiments.tracking.entries import Entry
from experiments.tracking.journal import Journal
from experiments.tracking.reasons import answering
from experiments.tracking.run_artifacts import file_in, run_folder

_SLOWEST = 10_000  # bytes per second of an upload; a slower one counts as frozen


@final
class Delivery:
    """Sends one journal to the store that its first entry names.

    ``begins``: the run is about to begin, so its artifact place must be proven first.
    ``complaint`` is the error of an artifact that was refused, for good or by the disk. It waits
    in the journal with all later ones, until another process delivers them.
    ``due`` is the time, of ``time.monotonic()``, at which the entry that is being sent has taken
    too long: a minute, and for an artifact the time that a very slow connection would need.
    """

    def __init__(self, journal: Journal, *, begins: bool = False) -> None:
        self._journal, self._begins = journal, begins
        self._client: MlflowClient | None = None
        self._located = False  # whether it is known where the run's artifacts belong
        self._folder: Path | None = None  # there, if that is on this machine's disks
        self._may_exist = journal.reopened  # whether a run may have been created already
        self._moved: list[tuple[Entry, Path]] = []  # artifacts in a folder that is not synced yet
        self.complaint: RunStoreError | OSError | None = None
        self.due = 0.0
        self._has_kept = False  # an artifact in the folder of the run

    @property
    def uri(self) -> str:
        """The resolved address of the store."""
        return self._journal.first["uri"]

    def deliver(self) -> None:
        """Sends everything that the store lacks.

        An artifact that can't be sent waits in the journal, and with it all later ones: if a
        run has ``state.npz``, it has everything that was logged before. The rest is sent.

        Raises ``StoreSilent`` if the store doesn't answer, ``RunStoreError`` if it refuses.
        """
        try:
            silence = self._deliver()
        finally:
            self._settle()
        if silence is not None:
            raise silence

    def _deliver(self) -> StoreSilent | None:
        """The same; returns the silence of an artifact repository while the store answers."""
        silence: StoreSilent | None = None
        for number, entry in self._journal.pending():
            is_artifact = entry["op"] == "artifact"
            if not is_artifact:
                self._settle()
            elif silence or self.complaint:
                self._journal.postpone(number)
                continue
            try:
                self.send(entry)
            except (RunStoreError, OSError) as error:
                if not is_artifact:
                    raise
                if self._journal.file(entry).exists():  # else a later one has replaced it
                    if isinstance(error, StoreSilent):
                        silence = error
                    else:
                        self.complaint = error
                    self._settle()
                    self._journal.postpone(number)
                    continue
            # Sending an artifact twice does no harm: the next entry notes both.
            self._journal.delivered(number, note=not is_artifact)
        return silence

    def _settle(self) -> None:
        """What was moved into folders stays there in a power cut; only then it is discarded here.

        Together, because that takes as long as for one.
        """
        moved, self._moved = self._moved, []
        if moved:
            sync(*{folder for _, folder in moved})
        for entry, _ in moved:
            self._journal.discard(entry)

    def send(self, entry: Entry) -> None:
        """Sends one entry; raises as ``deliver``, and ``OSError`` if the disk refuses a file."""
        is_artifact = entry["op"] == "artifact"
        size = _size(self._journal.file(entry)) if is_artifact else 0
        self.due = time.monotonic() + PATIENCE + size / _SLOWEST
        with answering(f"the run store {masked(self.uri)} can't log a run's {entry['op']}"):
            folder = self._local_artifacts() if is_artifact else None
            if folder is None:
                getattr(self, f"_{entry['op']}")(entry)
                return
        self._keep(entry, folder)

    def _local_artifacts(self) -> Path | None:
        """The folder of the run's artifacts, if it is on this machine's disks."""
        if not self._located:
            self._locate(self._open().get_run(self._run_id))
        return self._folder

    def _locate(self, run: Run) -> None:
        experiment = self._open().get_experiment(run.info.experiment_id)
        self._folder = run_folder(
            run.info.artifact_uri or "", experiment.artifact_location, run.info.run_id
        )
        self._located = True

    # --- one method per operation -------------------------------------------------------

    def _create(self, entry: Entry) -> None:
        client = self._open()
        name = entry["experiment"]
        experiment = find_or_create_experiment(client, name, entry["artifacts"])
        if self._begins:
            prove(experiment.artifact_location, self.uri, f"tracking.experiment={name}")
        experiment_id = experiment.experiment_id
        condition = tag_is(JOURNAL, self._journal.key)
        found = client.search_runs([experiment_id], condition) if self._may_exist else []
        self._may_exist = True
        run = (
            found[0]
            if found
            else client.create_run(experiment_id, entry["time"], entry["tags"], entry["name"])
        )
        self._journal.run_id = run.info.run_id
        self._locate(run)
        parameters = [Param(key, value) for key, value in entry["parameters"].items()]
        client.log_batch(run.info.run_id, params=parameters)

    def _reopen(self, entry: Entry) -> None:
        client = self._open()
        self._journal.run_id = run_id = entry["run_id"]
        run = client.get_run(run_id)
        self._locate(run)
        if self._begins:
            prove(run.info.artifact_uri or "", self.uri, f"run {run_id}")
        client.update_run(run_id, status="RUNNING")

    def _metrics(self, entry: Entry) -> None:
        metrics = [
            Metric(key, value, entry["time"], entry["step"])
            for key, value in entry["values"].items()
        ]
        self._open().log_batch(self._run_id, metrics=metrics)

    def _tags(self, entry: Entry) -> None:
        tags = [RunTag(key, value) for key, value in entry["values"].items()]
        self._open().log_batch(self._run_id, tags=tags)

    def _dataset(self, entry: Entry) -> None:
        tags = [InputTag(key, value) for key, value in entry["tags"].items()]
        self._open().log_inputs(
            self._run_id, datasets=[DatasetInput(Dataset(**entry["dataset"]), tags)]
        )

    def _artifact(self, entry: Entry) -> None:
        path, file = PurePosixPath(entry["path"]), self._journal.file(entry)
        client, run_id = self._open(), self._run_id
        if file.is_dir():
            client.log_artifacts(run_id, str(file), str(path))
        else:
            client.log_artifact(run_id, str(file), str(path.parent) if path.parent.parts else None)
        self._journal.discard(entry)

    def _keep(self, entry: Entry, folder: Path) -> None:
        """The same on this machine's disks. Raises ``OSError``."""
        if self._has_kept and not folder.is_dir():
            lost = "the artifacts were removed while their run was logged"
            raise FileNotFoundError(errno.ENOENT, lost, str(folder))
        target = file_in(folder, entry["path"])
        _move(self._journal.file(entry), target)
        self._has_kept = True
        self._moved.append((entry, target.parent))

    def _end(self, entry: Entry) -> None:
        client, run_id = self._open(), self._run_id
        if entry["status"] == "FINISHED" and client.get_run(run_id).data.tags.get(ERROR):
            client.set_tag(run_id, ERROR, "")  # while the store was silent, its sweep gave it up
        client.set_terminated(run_id, entry["status"], entry["time"])

    def _open(self) -> MlflowClient:
        if self._client is None:
            self._client = open_store(self.uri)
        return self._client

    @property
    def _run_id(self) -> str:
        assert self._journal.run_id is not None, "every journal creates its run first"
        return self._journal.run_id


def _size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder; 0 if it is gone."""
    files = [path, *path.rglob("*")]
    with suppress(FileNotFoundError):  # a later artifact has replaced it
        return sum(file.stat().st_size for file in files)
    return 0


def _move(source: Path, target: Path) -> None:
    """Renames a file or a folder into its place, so that readers never see half of it."""
    make_folder(target.parent)
    aside = target.with_name(f".{target.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)  # a process may have been killed before it did
    try:
        source.replace(target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOTEMPTY, errno.EEXIST):
            raise
        aside.mkdir()
        try:
            if error.errno == errno.EXDEV:
                copy(source, aside / "new")
                source = aside / "new"
                sync(*tree(source))
            if target.is_dir():  # no rename replaces a folder that holds something
                target.replace(aside / "old")
            source.replace(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
