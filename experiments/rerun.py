"""``python -m experiments.rerun RUN_ID``: trains a logged run again, and compares the weights."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.errors import RunStoreError, StoredConfigError
from experiments.runs.summary import RunSummary
from experiments.runs.tags import DATASET_DIGEST, WEIGHTS_DIGEST

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from experiments.datasets import Splits
    from experiments.tracking import RunStore


@dataclass(frozen=True)
class Logged:
    """The digests of its weights that a run has logged."""

    digests: Sequence[str]  # after each epoch; runs of earlier versions have none
    last: str | None  # after the last one, if the run finished

    @property
    def epochs(self) -> int | None:
        """The number of epochs to train; None: as the config says."""
        return len(self.digests) or None


def main() -> None:
    """Exit status 0 if the weights are equal, 1 if not, 2 if they can't be compared."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.rerun",
        description="Trains a run again from its logged config, and compares the weights after "
        "each epoch, bit for bit. Logs nothing and changes nothing.",
    )
    parser.add_argument("run", metavar="RUN_ID", help="the run's id, or the start of it")
    parser.add_argument("--uri", help="the store (default: MLFLOW_TRACKING_URI or ./mlflow.db)")
    arguments = parser.parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.cli.entry import errors_exit
    from experiments.reporting import terminal
    from experiments.tracking import RunStore
    from experiments.training.build import load_splits

    with errors_exit():
        store = RunStore(arguments.uri)
        run = store.run(arguments.run)
        config = _config(store, run)
        logged = _logged(store, run)
        splits = load_splits(config)
        terminal.print_text(f"training {run.name} ({run.run_id[:8]}) again")
        difference = _data_differ(run, splits) or _retrain(config, splits, logged)
        if difference is None:
            terminal.print_text("the same weights, bit for bit, after every epoch")
            return
        for line in (difference, *_changed_versions(run.tags)):
            terminal.print_text(line)
        raise SystemExit(1)


def _config(store: RunStore, run: RunSummary) -> DictConfig:
    from experiments.config.stored import stored_config

    if run.tuned:
        raise RunStoreError(
            f"run {run.run_id} was taught from drawings, not trained: give its parent, {run.parent}"
        )
    try:
        return stored_config(store.artifact(run.run_id, "config/config.yaml"))
    except StoredConfigError as error:
        raise StoredConfigError(f"the config of run {run.run_id} can't be used: {error}") from error


def _logged(store: RunStore, run: RunSummary) -> Logged:
    """Raises ``RunStoreError`` if there is nothing to compare with."""
    from nnscratch import training_state_metadata

    last = run.tags.get(WEIGHTS_DIGEST)
    try:
        metadata = training_state_metadata(store.checkpoint(run.run_id, "state"))
        digests = [str(digest) for digest in metadata["digests"]]
    except (RunStoreError, KeyError):
        digests = []  # a run of an earlier version
    if not digests and last is None:
        raise RunStoreError(f"run {run.run_id} ended before any weights were logged")
    return Logged(digests, last)


def _data_differ(run: RunSummary, splits: Splits) -> str | None:
    logged = run.tags.get(DATASET_DIGEST)
    if logged == splits.digest:
        return None
    return f"the data differ: {splits.name} has {_both(splits.digest, logged)}"


def _retrain(config: DictConfig, splits: Splits, logged: Logged) -> str | None:
    """Trains up to the first difference, and describes it; None if there is none."""
    from threadpoolctl import threadpool_limits

    from experiments.training.build import build_early_stopping, build_training
    from nnscratch import DivergenceError, weights_digest

    digest, finished = None, 0
    with threadpool_limits(config.threads):
        network, _, _, training = build_training(config, splits)
        stopping = build_early_stopping(config)
        try:
            for epoch in training:
                digest, finished = weights_digest(network), epoch.number
                expected = logged.digests[finished - 1] if logged.digests else digest
                if digest != expected:
                    both = _both(digest, expected)
                    return f"the weights differ from epoch {finished} on: {both}"
                stopping.update(epoch)
                if stopping.should_stop or finished == logged.epochs:
                    break
        except DivergenceError as error:
            return f"the logged run did not diverge where this one does: {error}"
    if finished < (logged.epochs or 0):
        return f"this training stopped after epoch {finished}, the logged one after {logged.epochs}"
    if logged.last not in (None, digest):
        return f"the weights differ after the last epoch: {_both(digest, logged.last)}"
    return None


def _changed_versions(tags: Mapping[str, str]) -> list[str]:
    """The libraries whose versions differ between the logged run and now."""
    from experiments.training.environment import versions

    now = versions()
    changed = [
        f"  {name.removeprefix('version.')}: {tags.get(name, 'unknown')} then, {now[name]} now"
        for name in sorted(now)
        if tags.get(name) != now[name]
    ]
    return ["libraries that differ:", *changed] if changed else ["no library's version differs"]


def _both(found: str | None, expected: str | None) -> str:
    now, then = ("none" if digest is None else digest[:12] for digest in (found, expected))
    return f"digest {now} now, {then} then"


if __name__ == "__main__":
    main()
