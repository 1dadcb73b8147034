"""The study: all trials, which Optuna keeps in a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna import Trial
from optuna.exceptions import StorageInternalError
from optuna.importance import get_param_importances
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import _rdb
from optuna.storages._rdb.models import BaseModel
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from experiments.config.schema import SearchConfig
from experiments.errors import ConfigError, RunStoreError, masked
from experiments.reporting.search_results import End, Result
from experiments.runtime.commands import script_command
from experiments.search.trials import Outcome
from experiments.tracking.connection import creating
from experiments.tracking.database.address import resolve_uri, sqlite_file
from experiments.tracking.database.versions import Program, same_version
from experiments.tracking.reasons import reason

_FILE = "optuna.db"
_DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, StorageInternalError)
_DATABASES = ("sqlite", "postgresql", "mysql")
_RETRY_OF, _DEATHS, _DIVERGED = "retry_of", "deaths", "diverged"  # notes beside a trial
_MOST_DEATHS = 3  # of processes, before a trial counts as failed

_OPTUNA = Program(
    "Optuna",
    table="studies",
    tables=frozenset(BaseModel.metadata.tables),
    scripts=Path(_rdb.__file__).parent / "alembic",
    upgrade=lambda uri: script_command("optuna", "storage", "upgrade", "--storage", uri),
)

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Study:
    """Chooses the parameters of the next trial, and records the result.

    When a method returns, its change is in the database. Each trial gets a new sampler, seeded
    with ``seed`` and the number of earlier trials: if trials run one at a time, their parameters
    do not depend on how often the search was stopped.

    Raises ``ConfigError`` if the database or the study belongs to something else, and
    ``RunStoreError`` if the database can't be used.
    """

    def __init__(
        self, name: str, uri: str, settings: SearchConfig, *, digest: str, seed: int, epochs: int
    ) -> None:
        self._seed, self._settings, self._uri = seed, settings, uri
        with self.explained(), creating(uri), same_version(uri, _OPTUNA):
            # Seconds that SQLite waits for a lock, as in MLflow.
            options = {"connect_args": {"timeout": 20}} if sqlite_file(uri) else {}
            storage = optuna.storages.RDBStorage(uri, engine_kwargs=options)
            found = name in optuna.get_all_study_names(storage)
            self._study = optuna.create_study(
                storage=storage,
                study_name=name,
                direction="maximize",
                load_if_exists=True,
                pruner=_pruner(settings, epochs),
            )
            noted = self._study.user_attrs.get("digest")
            # The name that a search gives itself is proof enough: it may have been killed here.
            if found and noted != digest and (noted is not None or digest[:12] not in name):
                owner = "another search space or other fixed values" if noted else "another program"
                raise ConfigError("search.study", name, f"belongs to {owner}: choose a new name")
            self._study.set_user_attr("digest", digest)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns errors of the database into one line."""
        try:
            yield
        except (*_DATABASE_ERRORS, ImportError, OSError) as error:
            where, why = masked(self._uri), reason(error.__cause__ or error)
            raise RunStoreError(f"the study in {where} can't be reached: {why}") from error

    # --- asking and telling -------------------------------------------------------------

    @property
    def left(self) -> int:
        """How many trials have not started yet."""
        running = [t for t in self._trials() if t.state == TrialState.RUNNING]
        return self._settings.trials - len(self.results()) - len(running)

    def ask(self) -> Trial:
        """The next trial; lost ones come first."""
        lost = self._lost()
        begun = [
            trial
            for trial in self._trials()
            if trial.state != TrialState.WAITING and trial.number not in lost
        ]
        self._study.sampler = _sampler(self._settings, self._seed, len(begun))
        return self._study.ask()

    def tell(self, trial: Trial, outcome: Outcome) -> None:
        """How a trial ended; a stopped one stays RUNNING, for ``recover``."""
        if outcome.end == "stopped":
            return
        if outcome.end == "diverged":
            trial.set_user_attr(_DIVERGED, True)
        states = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED}
        state = states.get(outcome.end, TrialState.FAIL)
        self._study.tell(trial, outcome.val_accuracy, state)

    def tell_lost(self, trial: Trial) -> bool:
        """Its process died: True if it is tried again, False if that has happened too often."""
        deaths = trial.user_attrs.get(_DEATHS, 0) + 1
        again = deaths < _MOST_DEATHS
        if again:
            self._enqueue(trial.number, trial.params, deaths)
        self._study.tell(trial, state=TrialState.FAIL)
        return again

    def recover(self) -> None:
        """Tries the trials again that were running when the last process died."""
        lost = self._lost()
        for trial in self._trials():
            if trial.state == TrialState.RUNNING:
                if trial.number not in lost:
                    deaths = trial.user_attrs.get(_DEATHS, 0)
                    self._enqueue(trial.number, trial.params, deaths)
                self._study.tell(trial.number, state=TrialState.FAIL)

    def _enqueue(self, number: int, parameters: dict[str, Any], deaths: int) -> None:
        """Call it before telling that the trial failed, so that no trial is ever lost."""
        self._study.enqueue_trial(parameters, {_RETRY_OF: number, _DEATHS: deaths})

    # --- results ------------------------------------------------------------------------

    def results(self) -> list[Result]:
        """All trials that have ended and were not lost, in the order of their start."""
        lost = self._lost()
        return [
            Result(_end(trial), trial.value, trial.params)
            for trial in self._trials()
            if trial.state.is_finished() and trial.number not in lost
        ]

    def importances(self) -> dict[str, float]:
        """The share (0–1) of the differences in accuracy that each key explains, largest first.

        Empty until two trials have finished with different accuracies.
        """
        values = {trial.value for trial in self._trials() if trial.state == TrialState.COMPLETE}
        return get_param_importances(self._study) if len(values) > 1 else {}

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _lost(self) -> set[int]:
        """The numbers of the trials that are repeated."""
        return {trial.user_attrs.get(_RETRY_OF, -1) for trial in self._trials()}


def is_retry(trial: Trial) -> bool:
    """Whether the trial repeats a lost one."""
    return _RETRY_OF in trial.user_attrs


def storage_uri(storage: str | None, tracking_uri: str | None) -> str:
    """Where the study is stored: ``storage``, or beside the runs if these are in a file.

    SQLite paths become absolute. Raises ``ConfigError`` if ``storage`` is no database.
    """
    if storage is None:
        runs = sqlite_file(resolve_uri(tracking_uri))
        return resolve_uri(f"sqlite:///{(runs.parent if runs else Path.cwd()) / _FILE}")
    if storage.partition("://")[0].partition("+")[0] not in _DATABASES:
        allowed = "expected sqlite:///FILE or postgresql://…"
        raise ConfigError("search.storage", storage, allowed)
    return resolve_uri(storage)


def _end(trial: FrozenTrial) -> End:
    if trial.state == TrialState.FAIL:
        return "diverged" if _DIVERGED in trial.user_attrs else "failed"
    return "pruned" if trial.state == TrialState.PRUNED else "finished"


def _sampler(settings: SearchConfig, seed: int, begun: int) -> BaseSampler:
    state = int(np.random.SeedSequence([seed, begun]).generate_state(1)[0])
    if settings.sampler == "random":
        return RandomSampler(seed=state)
    return TPESampler(n_startup_trials=settings.startup_trials, seed=state, constant_liar=True)


def _pruner(settings: SearchConfig, epochs: int) -> BasePruner:
    first = settings.warmup_epochs + 1  # after which a trial may be pruned; they count from 1
    if settings.pruner == "median":
        return MedianPruner(n_startup_trials=settings.startup_trials, n_warmup_steps=first)
    if settings.pruner == "hyperband":
        return HyperbandPruner(min_resource=min(first, epochs), max_resource=epochs)
    return NopPruner()
