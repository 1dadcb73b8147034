"""Where the artifacts of a run are kept: found, and proven to take files before training."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.utils.file_utils import local_file_uri_to_path

from experiments.errors import RunStoreError, masked
from experiments.runtime.files import make_folder
from experiments.runtime.patience import PATIENCE, within
from experiments.tracking.reasons import answering

_CURES = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for an account that may write there",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to the key file of an account that may write there",
    "wasbs": "set AZURE_STORAGE_CONNECTION_STRING for an account that may write there",
}
"""What makes an artifact place usable, by its scheme."""


def local_folder(artifact_uri: str) -> Path | None:
    """The folder behind an artifact URI, if it is on this machine's disks.

    Raises ``RunStoreError`` if the URI names a file of another machine.
    """
    parts = urlsplit(artifact_uri)
    if parts.scheme not in ("", "file") or not artifact_uri:
        return None
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        raise RunStoreError(
            f"{artifact_uri}: this is a folder of another machine ({parts.netloc}): expected "
            "file:///FOLDER"
        )
    return Path(local_file_uri_to_path(artifact_uri)).absolute()


def prove(artifact_uri: str, tracking_uri: str, setting: str) -> None:
    """Raises ``RunStoreError``, which names the ``setting``, if that place takes no artifacts.

    A folder is written to once. Another place is listed, which needs its library, its address and
    its credentials; a file written there could not always be removed again.
    """
    folder = local_folder(artifact_uri)
    if folder is not None:
        _write_once(folder, setting)
        return
    scheme = urlsplit(artifact_uri).scheme
    where = f"{setting}: the artifacts belong in {masked(artifact_uri)}"
    other = "or choose another place or experiment, as in tracking.experiment=other"
    if scheme == "mlflow-artifacts" and not tracking_uri.startswith("http"):
        raise RunStoreError(
            f"{where}, kept by a server: set tracking.uri to the address of that server, {other}"
        )
    cure = _CURES.get(scheme, "make that place reachable")
    with answering(where, advice=f"{cure}, {other}"):
        within(
            PATIENCE, lambda: get_artifact_repository(artifact_uri, tracking_uri).list_artifacts()
        )


def _write_once(folder: Path, setting: str) -> None:
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunStoreError(
            f"{setting}: {folder} can't be written to ({error.strerror}): make that folder "
            "writable, or choose another"
        ) from error
