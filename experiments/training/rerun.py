"""Training a logged run again, and comparing its data and weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from experiments.config.stored import stored_config
from experiments.datasets import Splits
from experiments.datasets.image_cache import data_folder
from experiments.datasets.mnist_and_pen import find_pen_strokes
from experiments.errors import RunStoreError, StoredConfigError
from experiments.runs.environment import versions
from experiments.runs.summary import RunSummary
from experiments.runs.tags import DATASET_DIGEST, WEIGHTS_DIGEST
from experiments.tracking import RunStore
from experiments.training.build import build_early_stopping, build_training, load_splits
from experiments.training.progress import logged_digests
from nnscratch import DivergenceError, training_state_metadata, weights_digest


@dataclass(frozen=True, eq=False)
class Rerun:
    """A logged run, and all that training it again needs."""

    run: RunSummary
    config: DictConfig
    splits: Splits
    digests: Sequence[str]  # of its weights after each epoch; runs of earlier versions have none

    @classmethod
    def of(cls, store: RunStore, run_id: str, *, trust: bool = False) -> Self:
        """Raises ``RunStoreError`` if nothing can be compared, ``StoredConfigError``.

        Unless ``trust``, the config may only name files in the data folder.
        """
        run = store.run(run_id)
        config = _config(store, run)
        if not trust:
            _check_files(config)
        digests = _digests(store, run)  # before the data, which may have to be downloaded
        return cls(run, config, load_splits(config), digests)

    def difference(self) -> str | None:
        """Trains up to the first difference, and describes it; None if there is none."""
        logged = self.run.tags.get(DATASET_DIGEST)
        if logged != self.splits.digest:
            return f"the data differ: {self.splits.name} has {_both(self.splits.digest, logged)}"
        digest, finished = None, 0
        with threadpool_limits(self.config.threads):
            network, _, _, training = build_training(self.config, self.splits)
            stopping = build_early_stopping(self.config)
            try:
                for epoch in training:
                    digest, finished = weights_digest(network), epoch.number
                    expected = self.digests[finished - 1] if self.digests else digest
                    if digest != expected:
                        both = _both(digest, expected)
                        return f"the weights differ from epoch {finished} on: {both}"
                    stopping.update(epoch)
                    if stopping.should_stop or finished == len(self.digests):
                        break
            except DivergenceError as error:
                return f"the logged run did not diverge where this one does: {error}"
        if finished < len(self.digests):
            epochs = len(self.digests)
            return f"this training stopped after epoch {finished}, the logged one after {epochs}"
        last = self.run.tags.get(WEIGHTS_DIGEST)  # if the run finished
        if last not in (None, digest):
            return f"the weights differ after the last epoch: {_both(digest, last)}"
        return None


def changed_versions(tags: Mapping[str, str]) -> list[str]:
    """The libraries whose versions differ between the logged run and now."""
    now = versions()
    changed = [
        f"  {name.removeprefix('version.')}: {tags.get(name, 'unknown')} then, {now[name]} now"
        for name in sorted(now)
        if tags.get(name) != now[name]
    ]
    return ["libraries that differ:", *changed] if changed else ["no library's version differs"]


def _config(store: RunStore, run: RunSummary) -> DictConfig:
    if run.tuned:
        raise RunStoreError(
            f"run {run.run_id} was taught from drawings, not trained: give its parent, {run.parent}"
        )
    try:
        with store.artifact(run.run_id, "config/config.yaml") as file:
            return stored_config(file)
    except StoredConfigError as error:
        raise StoredConfigError(f"the config of run {run.run_id} can't be used: {error}") from error


def _check_files(config: DictConfig) -> None:
    named, home = OmegaConf.select(config, "data.pen_strokes"), data_folder()
    if named and not find_pen_strokes(named).resolve().is_relative_to(home.resolve()):
        raise StoredConfigError(
            f"data.pen_strokes={named}: the logged config names a file outside of the data folder "
            f"{home}; add --trust to the command to read it"
        )


def _digests(store: RunStore, run: RunSummary) -> list[str]:
    try:
        with store.checkpoint(run.run_id, "state") as file:
            digests = logged_digests(training_state_metadata(file))
    except RunStoreError:
        digests = []  # it has no state
    except ValueError as error:
        raise RunStoreError(f"the state.npz of run {run.run_id} can't be used: {error}") from error
    if not digests and WEIGHTS_DIGEST not in run.tags:
        raise RunStoreError(f"run {run.run_id} ended before any weights were logged")
    return digests


def _both(found: str | None, expected: str | None) -> str:
    now, then = ("none" if digest is None else digest[:12] for digest in (found, expected))
    return f"digest {now} now, {then} then"
