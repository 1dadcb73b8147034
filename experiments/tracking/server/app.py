"""The MLflow server as an app that uvicorn runs, in one process.

``mlflow server`` needs a second process and offers no place for the two rules added here: no user
chooses a folder of this machine for artifacts, and the server ends when its starter dies. The
starter holds the other end of the standard input, and sets the variables of ``mlflow server``.
"""

import os
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlflow.exceptions import MlflowException
from mlflow.protos.service_pb2 import CreateExperiment
from mlflow.server import app, constants, handlers
from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.utils.file_utils import local_file_uri_to_path

_OWN = "mlflow-artifacts"  # the scheme of artifacts that a server keeps
_STARTER = 0  # the file descriptor of the standard input


def create_ui() -> Any:
    """A server that shows the files of all experiments, wherever runs without a server put them."""
    return _create()


def create_server() -> Any:
    """A server that touches no files but those in MLFLOW_ARTIFACTS_DESTINATION.

    It requires a password if MLFLOW_AUTH_CONFIG_PATH is set.
    """
    root = Path(os.environ["MLFLOW_ARTIFACTS_DESTINATION"]).resolve()

    def repository(artifact_uri: str, **options: Any) -> LocalArtifactRepository:
        if not Path(local_file_uri_to_path(artifact_uri)).resolve().is_relative_to(root):
            raise MlflowException.invalid_parameter_value(
                f"{artifact_uri}: this server keeps no artifacts there"
            )
        return LocalArtifactRepository(artifact_uri, **options)

    for scheme in ("", "file"):
        _artifact_repository_registry.register(scheme, repository)
    return _create()


def _create() -> Any:
    threading.Thread(target=_end_with_starter, daemon=True).start()
    store, artifacts = os.environ["MLFLOW_BACKEND_STORE_URI"], f"{_OWN}:/"
    os.environ |= {
        "_MLFLOW_SGI_NAME": "uvicorn",
        constants.BACKEND_STORE_URI_ENV_VAR: store,
        constants.REGISTRY_STORE_URI_ENV_VAR: store,
        constants.ARTIFACT_ROOT_ENV_VAR: artifacts,
        constants.ARTIFACTS_DESTINATION_ENV_VAR: os.environ["MLFLOW_ARTIFACTS_DESTINATION"],
        constants.SERVE_ARTIFACTS_ENV_VAR: "true",
    }
    handlers.initialize_backend_stores(store, store, artifacts)
    _refuse_other_places()
    if "MLFLOW_AUTH_CONFIG_PATH" in os.environ:
        from mlflow.server.auth import create_app  # here: it needs Flask-WTF

        return create_app()
    from mlflow.server.fastapi_app import create_fastapi_app  # here: it reads the variables

    return create_fastapi_app(app)


def _end_with_starter() -> None:
    os.read(_STARTER, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _refuse_other_places() -> None:
    """From now on, an experiment can be created only in the place of the server's artifacts."""
    name = handlers._create_experiment.__name__
    create_experiment = app.view_functions[name]

    @handlers.catch_mlflow_exception
    def checked() -> Any:
        location = handlers._get_request_message(CreateExperiment()).artifact_location
        place = urlsplit(location)
        if location and (place.scheme != _OWN or place.netloc):
            raise MlflowException.invalid_parameter_value(
                f"artifact_location={location}: this server keeps all artifacts in its own "
                "folder: create the experiment without an artifact location"
            )
        return create_experiment()

    app.view_functions[name] = checked
