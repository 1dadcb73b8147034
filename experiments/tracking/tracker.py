"""Writing one run: parameters, one batch of metrics per epoch, artifacts, and how it ended."""

import getpass
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from experiments.datasets import Splits
from experiments.stopping import Stopped
from experiments.tracking.connection import (
    RunStoreError,
    first_line,
    local_folder,
    open_store,
    resolve_uri,
)
from experiments.tracking.dataset_input import dataset_input
from experiments.tracking.run_store import KIND, PARENT, RunKind, children

_MAX_VALUE = 6000  # characters that MLflow keeps of a parameter


class Tracker:
    """One run in the store, from its creation to its end; a context manager.

    Leaving the context ends the run: FINISHED; KILLED after Ctrl-C or ``Stopped``; FAILED after any
    other exception, with the error in the tag ``nnscratch.error``. Whatever was logged
    until then is in the store already. Raises ``RunStoreError`` if the store can't be
    opened.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: RunKind,
        uri: str | None,
        experiment: str,
        artifacts: str,
        parameters: Mapping[str, Any],
        tags: Mapping[str, str],
        parent_run_id: str | None = None,
    ) -> None:
        self._client = open_store(resolve_uri(uri))
        experiment_id = _experiment(self._client, experiment, artifacts)
        system_tags = {
            KIND: kind,
            "mlflow.user": _user(),
            "mlflow.source.name": "experiments.train",
            "mlflow.source.type": "LOCAL",
        }
        if parent_run_id is not None:
            system_tags[PARENT] = parent_run_id
        run = self._client.create_run(experiment_id, tags={**system_tags, **tags}, run_name=name)
        self.run_id: str = run.info.run_id
        self._artifacts = local_folder(run.info.artifact_uri or "")
        entries = [Param(key, str(value)[:_MAX_VALUE]) for key, value in parameters.items()]
        self._client.log_batch(self.run_id, params=entries)

    def log_metrics(self, metrics: Mapping[str, float | None], step: int) -> None:
        """All metrics of one step in one transaction; None is left out."""
        now = int(time.time() * 1000)
        entries = [
            Metric(key, value, now, step) for key, value in metrics.items() if value is not None
        ]
        self._client.log_batch(self.run_id, metrics=entries)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Adds or replaces tags."""
        self._client.log_batch(
            self.run_id, tags=[RunTag(key, value) for key, value in tags.items()]
        )

    def write_artifact(self, path: str, write: Callable[[Path], object]) -> None:
        """``write`` gets a file name to write to; the file becomes the artifact at ``path``.

        The artifact appears whole or not at all, and replaces an older one of its name.
        """
        folder, name = os.path.split(path)
        with tempfile.TemporaryDirectory(prefix="nnscratch-") as scratch:
            file = Path(scratch) / name
            write(file)
            if self._artifacts is None:
                self._client.log_artifact(self.run_id, str(file), folder)
            else:
                _place(file, self._artifacts / path)

    def write_folder(self, path: str, write: Callable[[Path], object]) -> None:
        """``write`` gets an empty folder; its files become the artifacts below ``path``."""
        with tempfile.TemporaryDirectory(prefix="nnscratch-") as scratch:
            folder = Path(scratch)
            write(folder)
            for file in sorted(file for file in folder.rglob("*") if file.is_file()):
                name = file.relative_to(folder).as_posix()
                self.write_artifact(f"{path}/{name}", partial(shutil.copyfile, file))

    def log_dataset(self, splits: Splits) -> None:
        """What the run learns from, for MLflow's column and searches; again is as good as once."""
        dataset = dataset_input(splits)
        try:
            self._client.log_inputs(self.run_id, datasets=[dataset])
        except MlflowException:  # of two runs that are the first on this data, one loses
            self._client.log_inputs(self.run_id, datasets=[dataset])

    def log_table(self, path: str, columns: Mapping[str, list[Any]]) -> None:
        """A table artifact, which the MLflow UI shows and compares."""
        self._client.log_table(self.run_id, dict(columns), path)

    def end_children(self, status: str, reason: str) -> int:
        """Ends runs of this sweep whose process is gone, and returns how many there were."""
        lost = [run for run in children(self._client, self.run_id) if run.info.status == "RUNNING"]
        for run in lost:
            self._client.set_tag(run.info.run_id, "nnscratch.error", reason)
            self._client.set_terminated(run.info.run_id, status)
        return len(lost)

    def end(self, status: str) -> None:
        """FINISHED, FAILED or KILLED."""
        self._client.set_terminated(self.run_id, status)

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
            self.set_tags({"nnscratch.error": f"{type(error).__name__}: {first_line(error)}"})
            self.end("FAILED")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"


def _experiment(client: Any, name: str, artifacts: str) -> str:
    """The id of the experiment, created if it is new; another process may be creating it too."""
    found = client.get_experiment_by_name(name)
    if found is None:
        remote = client.tracking_uri.startswith("http")
        location = None if remote else Path(artifacts).absolute().as_uri()
        try:
            return client.create_experiment(name, artifact_location=location)
        except MlflowException:
            found = client.get_experiment_by_name(name)
    if found is None or found.lifecycle_stage != "active":
        raise RunStoreError(
            f"tracking.experiment={name}: the experiment was deleted; restore it with "
            f"`mlflow experiments restore` or choose another name"
        )
    return found.experiment_id


def _place(file: Path, target: Path) -> None:
    """Copies to a hidden name beside the target, then renames: readers never meet half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        shutil.copyfile(file, hidden)
        hidden.replace(target)
    finally:
        hidden.unlink(missing_ok=True)
