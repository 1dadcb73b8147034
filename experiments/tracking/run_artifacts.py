"""The artifacts of one run, below the folder of its experiment and nowhere else."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

from mlflow import MlflowClient
from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from experiments.errors import RunStoreError, first_line
from experiments.tracking.artifact_place import local_folder
from experiments.tracking.reasons import answering

_EPOCH = re.compile(r"checkpoints/epochs/epoch_([0-9]+)\.npz")
_CHECKPOINTS = {f"checkpoints/{name}.npz" for name in ("best", "last", "state")}
_LARGEST = 2**32  # bytes of an artifact that is downloaded
_FOLDERS = ("", "checkpoints", "checkpoints/epochs", "config", "model", "plots")


def run_folder(artifact_uri: str, root: str, run_id: str) -> Path | None:
    """The folder of a run's artifacts; None if they are not on this machine's disks.

    ``root`` is where the run's experiment keeps artifacts: MLflow makes a folder there for each
    run. Raises ``RunStoreError`` if the run claims another folder, or one of the two is a link:
    a store must not make this program read or write anywhere else.
    """
    folder, above = local_folder(artifact_uri), local_folder(root)
    if folder is None:
        return None
    own = above and above.resolve() / run_id / "artifacts"
    try:
        is_own = folder.resolve() == own
    except ValueError:  # no path has a NUL
        is_own = False
    if not is_own:
        raise RunStoreError(
            f"the artifacts of run {run_id} are said to be in {folder}, which is not the folder "
            f"that its experiment has for it ({own}): nothing is read or written there"
        )
    return folder


def file_in(folder: Path, path: str) -> Path:
    """The file or folder at ``path``. Raises ``RunStoreError`` if it is not in ``folder``."""
    try:
        inside = (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a zero byte
        raise RunStoreError(f"{path} in {folder} can't be found: {first_line(error)}") from error
    if not inside:
        raise RunStoreError(f"{path} leads out of {folder}, the folder of its run")
    return folder / path


@final
class RunArtifacts:
    """Reads the artifacts of one run. Raises ``RunStoreError``."""

    def __init__(self, client: MlflowClient, run_id: str, artifact_uri: str, root: str) -> None:
        self._client, self._run_id, self._uri = client, run_id, artifact_uri
        self._folder = run_folder(artifact_uri, root, run_id)

    def local(self, path: str) -> Path | None:
        """The file at ``path``; None if the artifacts are not on this machine."""
        if self._folder is None:
            return None
        file = file_in(self._folder, path)
        if not file.is_file():
            raise RunStoreError(f"run {self._run_id} has no {path} in {self._folder}")
        return file

    @contextmanager
    def file(self, path: str) -> Iterator[Path]:
        """A local file with the artifact at ``path``; a downloaded one is removed at the end."""
        if "\0" in path or ".." in path.replace("\\", "/").split("/"):
            raise RunStoreError(f"{path!r} is no artifact: it leads out of the folder of a run")
        if (file := self.local(path)) is not None:
            yield file
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.rpartition("/")[2])
            with answering(f"{path} of run {self._run_id} can't be fetched"):
                self._download(path, file)
            yield file

    def _download(self, path: str, target: Path) -> None:
        """One file of a bounded size: MLflow would fetch all that a server lists below ``path``."""
        repository = get_artifact_repository(self._uri, self._client.tracking_uri)
        listed = repository.list_artifacts(path.rpartition("/")[0] or None)
        sizes = [file.file_size or 0 for file in listed if file.path == path and not file.is_dir]
        if not sizes:
            raise RunStoreError(f"run {self._run_id} has no file {path}")
        if sizes[0] > _LARGEST:
            raise RunStoreError(
                f"{path} of run {self._run_id} has {sizes[0]:,} bytes: expected at most "
                f"{_LARGEST:,}"
            )
        repository._download_file(path, str(target))

    def epochs(self) -> tuple[int, ...]:
        """The epochs after which the run kept its weights, in order."""
        found = (_EPOCH.fullmatch(entry.path) for entry in self._list("checkpoints/epochs"))
        return tuple(sorted(int(match[1]) for match in found if match))

    def complete(self) -> bool:
        """Whether a finished run has its checkpoints, and none of its files is empty."""
        sizes = {file.path: file.file_size for folder in _FOLDERS for file in self._list(folder)}
        return sizes.keys() >= _CHECKPOINTS and 0 not in sizes.values()

    def _list(self, folder: str) -> list[FileInfo]:
        with answering(f"the artifacts of run {self._run_id} can't be listed"):
            return self._client.list_artifacts(self._run_id, folder)
