"""The model registry: one model per data set, whose alias ``champion`` marks its best run."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from experiments.errors import RunStoreError, masked
from experiments.runs.stored_values import possible
from experiments.runs.tags import DATASET_DIGEST
from experiments.tracking.connection import store_lock
from experiments.tracking.reasons import answering
from experiments.tracking.run_search import every

_CHAMPION = "champion"
_MODEL = "model"  # the folder among the artifacts of a run
_URI = re.compile(r"models:/(?P<name>[^/@]+)(?:/(?P<version>[0-9]+)|@(?P<alias>[^/@]+))")
_MISSING = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # no model; no such alias

Found = TypeVar("Found")


@dataclass(frozen=True)
class Promotion:
    """A new champion; accuracies 0–1 on validation data."""

    val_accuracy: float
    before: float | None  # None: there was no champion


class ModelRegistry:
    """The registry of the store that ``client`` talks to."""

    def __init__(self, client: MlflowClient, uri: str) -> None:
        self._client, self._uri = client, uri

    def run_id(self, model_uri: str) -> str:
        """The run of ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

        Raises ``RunStoreError``, which names the models that exist.
        """
        parts = _URI.fullmatch(model_uri)
        if parts is None:
            raise RunStoreError(f"{model_uri}: expected models:/NAME@ALIAS or models:/NAME/VERSION")
        where = masked(self._uri)
        with answering(f"{where} can't be read"):
            found = self._version(**parts.groupdict())
            if found is None:
                raise RunStoreError(f"there is no {model_uri} in {where}; {self._registered()}")
        if not found.run_id:
            raise RunStoreError(f"{model_uri} was registered without a run: choose another model")
        return found.run_id

    def promote(self, run_id: str) -> Promotion | None:
        """Makes a run the champion of its data set, if its validation accuracy is higher.

        Returns None if the present champion stays. Accuracies are compared even if they were
        measured on different validation samples, but only between runs whose data have the
        same digest. Raises ``RunStoreError``.
        """
        with answering(f"run {run_id} can't be registered"):
            run = self._client.get_run(run_id)
            data = run.data.params.get("data.name")
            if data is None:
                raise RunStoreError(f"run {run_id} can't be registered: it names no data set")
            name = f"nnscratch-{data}"
            # Two sweeps may end at the same time: the second must see the champion of the first.
            with store_lock(self._uri):
                champion = self._champion(name)
                if champion is not None and not _beats(run, champion):
                    return None
                self._crown(run, name)
        return Promotion(_accuracy(run), before=champion and _accuracy(champion))

    def _version(self, name: str, version: str | None, alias: str | None) -> ModelVersion | None:
        if alias is not None:
            return _found(lambda: self._client.get_model_version_by_alias(name, alias))
        return _found(lambda: self._client.get_model_version(name, str(version)))

    def _champion(self, name: str) -> Run | None:
        """The run of the champion; None if there is none, or if it was deleted."""
        version = self._version(name, version=None, alias=_CHAMPION)
        run = version and _found(lambda: self._client.get_run(version.run_id or ""))
        return run if run and run.info.lifecycle_stage == "active" else None

    def _crown(self, run: Run, name: str) -> None:
        run_id = run.info.run_id
        files = {entry.path for entry in self._client.list_artifacts(run_id, _MODEL)}
        if f"{_MODEL}/MLmodel" not in files:
            raise RunStoreError(f"run {run_id} can't be registered: it has logged no model")
        if not self._client.search_registered_models(f"name = '{name}'"):
            self._client.create_registered_model(name)
        # A process that was killed right here may have registered the run, without the alias.
        earlier = self._client.search_model_versions(f"name = '{name}' AND run_id = '{run_id}'")
        version = next(iter(earlier), None) or self._client.create_model_version(
            name,
            source=f"runs:/{run_id}/{_MODEL}",
            run_id=run_id,
            tags={"val_accuracy": str(_accuracy(run)), "dataset_digest": _digest(run)},
        )
        self._client.set_registered_model_alias(name, _CHAMPION, version.version)

    def _registered(self) -> str:
        """The models that exist, as the end of a message."""
        models = every(self._client.search_registered_models)
        uris = [f"models:/{model.name}@{alias}" for model in models for alias in model.aliases]
        return f"there are {', '.join(uris)}" if uris else "the best run of a sweep becomes one"


def _found(look_up: Callable[[], Found]) -> Found | None:
    """What ``look_up`` returns; None if MLflow says that it does not exist."""
    try:
        return look_up()
    except MlflowException as error:
        if error.error_code in _MISSING:
            return None
        raise


def _beats(run: Run, champion: Run) -> bool:
    if _digest(run) != _digest(champion):
        raise RunStoreError(
            f"run {run.info.run_id} learned from other data than the champion, which stays: "
            f"to replace it, first remove the alias {_CHAMPION} in the MLflow UI"
        )
    return _accuracy(run) > _accuracy(champion)


def _accuracy(run: Run) -> float:
    """The best validation accuracy, 0–1; −1 if the run logged none."""
    return possible(run.data.metrics).get("best_val_accuracy", -1.0)


def _digest(run: Run) -> str:
    return run.data.tags.get(DATASET_DIGEST, "")
