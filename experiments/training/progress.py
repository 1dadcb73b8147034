"""The files of a stopped run, checked against that run before anything continues from them.

Each file is delivered by itself, and anybody may have replaced one. ``best.npz`` may be newer than
``state.npz`` if the run was killed between the two.
"""

import copy
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from experiments.errors import ResumeError, RunStoreError, StoreSilent
from experiments.tracking import RunStore
from experiments.training.build import Trainee
from nnscratch import (
    CheckpointError,
    Epoch,
    Network,
    TrainingState,
    best_epoch,
    checkpoint_metadata,
    load_checkpoint,
    load_training_state,
    training_state_metadata,
    weights_digest,
)

_LOGGER = logging.getLogger(__name__)
_DIGITS = set("0123456789abcdef")


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a stopped run came: its epochs, and its best weights."""

    history: Sequence[Epoch]
    digests: Sequence[str]  # of the weights after each epoch
    best: Network


@dataclass(frozen=True, eq=False)
class KeptState:
    """The state of a stopped run as its file has it."""

    state: TrainingState
    metadata: Mapping[str, Any]
    run_id: str
    store: RunStore

    @classmethod
    def of(cls, store: RunStore, run_id: str) -> Self | None:
        """None if there is no readable state: the run then starts again."""
        try:
            with store.checkpoint(run_id, "state") as file:
                return cls(load_training_state(file), training_state_metadata(file), run_id, store)
        except StoreSilent:
            raise
        except RunStoreError:
            return None  # it was stopped during its first epoch
        except CheckpointError as error:
            _LOGGER.warning("%s; run %s starts again", error, run_id[:8])
            return None

    def resumed(
        self, build: Callable[[TrainingState | None], Trainee]
    ) -> tuple[Trainee, Progress | None]:
        """The training that ``build`` makes of the state, and its progress.

        If the weights after the best epoch are lost, it starts again, without progress. Raises
        ``ResumeError`` if something in the files does not fit the run.
        """
        try:
            trainee = build(self.state)
            history, digests = self._epochs(weights_digest(trainee.network))
            best = self._best(trainee.network, history, digests)
        except ValueError as error:
            raise ResumeError(
                f"run {self.run_id} can't be resumed from its state.npz: {error}; "
                f"{self._kept()}the same command with resume=false trains it from the start"
            ) from error
        if best is None:
            number = best_epoch(history).number
            reason = f"the weights after its best epoch, {number}, are lost"
            _LOGGER.warning("run %s starts again: %s", self.run_id[:8], reason)
            return build(None), None
        return trainee, Progress(history, digests, best)

    def _epochs(self, digest: str) -> tuple[list[Epoch], list[str]]:
        """The epochs so far, and the digest of the weights after each; the last is ``digest``.

        Raises ``ValueError``.
        """
        history, digests = _history(self.metadata), logged_digests(self.metadata)
        epoch, settings = self.state.epoch, self.state.settings
        if not 0 < epoch == len(history) == len(digests):
            raise ValueError(
                f"it is after epoch {epoch}, with {len(history)} epochs in its history and "
                f"{len(digests)} digests"
            )
        samples = settings["epoch_samples"] or settings["samples"]
        if self.state.step != epoch * math.ceil(samples / settings["batch_size"]):
            raise ValueError(f"{self.state.step} steps are not those of {epoch} epochs")
        if digest != digests[-1]:
            raise ValueError(f"its weights are not those that the run had after epoch {epoch}")
        return history, digests

    def _best(
        self, latest: Network, history: Sequence[Epoch], digests: Sequence[str]
    ) -> Network | None:
        """The weights after the best epoch of ``history``; None if they are lost.

        Raises ``ValueError`` if ``best.npz`` is not from this run.
        """
        number = best_epoch(history).number
        best, epoch = self._checkpoint("best")
        for network in (best, self._checkpoint(f"epochs/epoch_{number:04d}")[0]):
            if network is not None and weights_digest(network) == digests[number - 1]:
                return network
        if number == len(history):
            return copy.deepcopy(latest)
        if best is None or weights_digest(best) in digests:
            return None
        if best.description() != latest.description() or epoch <= len(history):
            raise ValueError(f"best.npz does not hold the weights after its best epoch, {number}")
        return best  # of an epoch that is trained again, and will be the best again

    def _checkpoint(self, name: str) -> tuple[Network | None, int]:
        """A network of the run and its epoch; None if the file is missing or damaged."""
        try:
            with self.store.checkpoint(self.run_id, name) as file:
                epoch = checkpoint_metadata(file).get("epoch")
                return load_checkpoint(file), epoch if isinstance(epoch, int) else 0
        except StoreSilent:
            raise
        except (CheckpointError, RunStoreError):
            return None, 0

    def _kept(self) -> str:
        """The epoch before: the latest one whose weights can still be used."""
        try:
            epoch = max(self.store.epochs(self.run_id), default=None)
        except RunStoreError:
            epoch = None
        return "" if epoch is None else f"checkpoints/epochs/epoch_{epoch:04d}.npz is kept; "


def logged_digests(metadata: Mapping[str, Any]) -> list[str]:
    """The digests of the weights after each epoch; an early version logged none.

    Raises ``ValueError`` for anything but digests.
    """
    digests = metadata.get("digests", [])
    if not isinstance(digests, list) or not all(
        isinstance(digest, str) and len(digest) == 64 and _DIGITS.issuperset(digest)
        for digest in digests
    ):
        raise ValueError("its digests of the weights are no digests")
    return digests


def _history(metadata: Mapping[str, Any]) -> list[Epoch]:
    """The epochs so far. Raises ``ValueError``."""
    entries = metadata.get("history")
    names = {field.name for field in fields(Epoch)}
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and entry.keys() == names for entry in entries
    ):
        raise ValueError("it has no history of epochs")
    for number, entry in enumerate(entries, start=1):
        if entry["number"] != number:
            raise ValueError(f"epoch {number} of its history has another number")
        for name, value in entry.items():
            limit = 1 if name.endswith("accuracy") else math.inf
            if type(value) not in (int, float) or not 0 <= value <= limit or value == math.inf:
                raise ValueError(f"{name} of epoch {number} in its history is {value!r:.20}")
    return [Epoch(**entry) for entry in entries]
