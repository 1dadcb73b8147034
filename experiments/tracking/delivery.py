"""From the journal to the store: every operation in order.

A process may die between sending an operation and noting it; the operation is then sent
twice, which changes nothing. MLflow drops a metric of the same key, step, time and value;
parameters and tags are set to the values that they have already; an artifact replaces
itself; and before a run is created, it is looked for by the key of its journal.
"""

import errno
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import final

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from experiments.errors import RunStoreError, StoreSilent, first_line, masked
from experiments.runs.tags import JOURNAL, tag_is
from experiments.tracking.connection import find_or_create_experiment, local_folder, open_store
from experiments.tracking.journal import Entry, Journal
from experiments.tracking.reasons import reason

_REFUSALS = (
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "RESOURCE_ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "CUSTOMER_UNAUTHORIZED",
)
"""MLflow's error codes for operations that no later attempt would make valid."""


@final
class Delivery:
    """Sends one journal to the store that its first entry names.

    ``complaint`` is the error of the latest artifact that could not be written to the
    disk: the artifact waits in the journal while later entries are sent.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._client: MlflowClient | None = None
        self._artifacts = ""  # URI of the run's folder for them, once it is known
        self._may_exist = journal.reopened  # whether a run may have been created already
        self.complaint: OSError | None = None

    @property
    def uri(self) -> str:
        """The resolved address of the store."""
        return self._journal.first["uri"]

    def deliver(self) -> None:
        """Sends everything that the store lacks.

        Raises ``StoreSilent`` if the store doesn't answer, ``RunStoreError`` if it refuses.
        """
        for number, entry in self._journal.pending():
            try:
                self.send(entry)
            except OSError as error:
                if entry["op"] != "artifact" or local_folder(self._artifacts) is None:
                    raise self._silent(error) from error
                self.complaint = error
                self._journal.postpone(number)
                continue
            except MlflowException as error:
                if error.error_code in _REFUSALS:
                    refusal = f"{masked(self.uri)} refuses a run's {entry['op']}"
                    raise RunStoreError(f"{refusal}: {first_line(error)}") from error
                raise self._silent(error) from error
            # Sending an artifact twice does no harm: the next entry notes both.
            self._journal.delivered(number, note=entry["op"] != "artifact")

    def send(self, entry: Entry) -> None:
        """Sends one entry; raises whatever goes wrong."""
        getattr(self, f"_{entry['op']}")(entry)

    def _silent(self, error: Exception) -> StoreSilent:
        return StoreSilent(f"the run store {masked(self.uri)} is silent: {reason(error)}")

    # --- one method per operation -------------------------------------------------------

    def _create(self, entry: Entry) -> None:
        client = self._open()
        experiment_id = find_or_create_experiment(client, entry["experiment"], entry["artifacts"])
        condition = tag_is(JOURNAL, self._journal.key)
        found = client.search_runs([experiment_id], condition) if self._may_exist else []
        self._may_exist = True
        run = (
            found[0]
            if found
            else client.create_run(experiment_id, entry["time"], entry["tags"], entry["name"])
        )
        self._journal.run_id = run.info.run_id
        self._artifacts = run.info.artifact_uri or ""
        parameters = [Param(key, value) for key, value in entry["parameters"].items()]
        client.log_batch(run.info.run_id, params=parameters)

    def _reopen(self, entry: Entry) -> None:
        client = self._open()
        self._journal.run_id = entry["run_id"]
        client.update_run(entry["run_id"], status="RUNNING")

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
        path = PurePosixPath(entry["path"])
        if path.is_absolute() or ".." in path.parts:
            raise RunStoreError(f"artifact {entry['path']!r} would leave the folder of its run")
        file = self._journal.file(entry)
        client, run_id = self._open(), self._run_id
        if not self._artifacts:
            self._artifacts = client.get_run(run_id).info.artifact_uri or ""
        root = local_folder(self._artifacts)
        try:
            if root is not None:
                _move(file, root / path)
            elif file.is_dir():
                client.log_artifacts(run_id, str(file), str(path))
            else:
                folder = str(path.parent) if path.parent.parts else None
                client.log_artifact(run_id, str(file), folder)
        except FileNotFoundError:
            if file.exists():
                raise
            return  # it was sent before, or a later one has replaced it
        self._journal.discard(entry)

    def _end(self, entry: Entry) -> None:
        self._open().set_terminated(self._run_id, entry["status"], entry["time"])

    def _open(self) -> MlflowClient:
        if self._client is None:
            try:
                self._client = open_store(self.uri)
            except RunStoreError as error:
                raise StoreSilent(str(error)) from error
        return self._client

    @property
    def _run_id(self) -> str:
        assert self._journal.run_id is not None, "every journal creates its run first"
        return self._journal.run_id


def _move(source: Path, target: Path) -> None:
    """Renames a file or a folder into its place, so that readers never see half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOTEMPTY, errno.EEXIST):
            raise
        with tempfile.TemporaryDirectory(prefix=".", dir=target.parent) as hidden:
            if error.errno == errno.EXDEV:
                source = _copied(source, Path(hidden, "new"))
            if target.is_dir():  # no rename replaces a folder that holds something
                target.replace(Path(hidden, "old"))
            source.replace(target)


def _copied(source: Path, target: Path) -> Path:
    """``target``, a copy. Raises the first error as it is: ``shutil.copytree`` hides its errno."""
    if source.is_dir():
        target.mkdir()
        for entry in source.iterdir():
            _copied(entry, target / entry.name)
    else:
        shutil.copyfile(source, target)
    return target
