"""Teaching the network of a logged run from drawings; the result is logged as a child run.

The drawing window calls this from a worker thread: nothing here prints or draws.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from omegaconf import DictConfig

from experiments.config.digests import deciding, flatten
from experiments.config.stored import stored_config
from experiments.drawings.collection import OwnDrawings
from experiments.errors import DatasetError, StoredConfigError, TeachingError
from experiments.runs import environment
from experiments.runs.summary import RunSummary
from experiments.runs.tags import DATASET_DIGEST, DRAWINGS, WEIGHTS_DIGEST
from experiments.tracking import Place, RunStore, Tracker
from experiments.training import fine_tuning
from experiments.training.build import build_loss, load_splits
from nnscratch import (
    CheckpointError,
    Dataset,
    Loss,
    Network,
    evaluate,
    load_checkpoint,
    save_checkpoint,
    weights_digest,
)
from nnscratch.inspection.calibration import calibration_of


@dataclass(frozen=True)
class Change:
    """Accuracy (0–1) before and after."""

    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Taught:
    """The tuned network, its run, and its accuracy before and after.

    ``own`` is measured on the ``held_back`` drawings; None if there are none. ``test`` is measured
    on the test images of the run's data, and shows whether the network forgets.
    """

    network: Network
    run_id: str
    held_back: int
    own: Change | None
    test: Change


def teach(
    store: RunStore,
    run_id: str,
    drawings: OwnDrawings,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Taught | None:
    """Tunes the best network of a run on ``drawings``, and logs it as a child of that run.

    ``stopped`` is called after every step, a few milliseconds each: once it returns True,
    ``teach`` returns None and logs nothing. Raises ``TeachingError``; ``RunStoreError`` if the
    store has no such run or fails.
    """
    run = store.run(run_id)
    if not drawings.trained_on:
        raise TeachingError(
            "there are no drawings to learn from yet: draw a digit, then press its key, 0–9"
        )
    try:
        with store.artifact(run.run_id, "config/config.yaml") as file:
            config, config_text = stored_config(file), file.read_text(encoding="utf-8")
        splits = load_splits(config)
        with store.checkpoint(run.run_id) as file:
            network = load_checkpoint(file)
        loss = build_loss(config)
        tuned = tune(network, loss, drawings, splits.train, stopped=stopped)
        if tuned is None:
            return None
        accuracies = partial(_change, network, tuned, loss)
        test = accuracies(splits.test)
        back = drawings.held_back
        own = accuracies(fine_tuning.drawn_once(back)) if back else None
    except (StoredConfigError, DatasetError, CheckpointError) as error:
        raise TeachingError(f"run {run.name} can't be taught: {error}") from error
    with _tracker(store, config, run, drawings, splits.digest) as tracker:
        tracker.log_dataset(splits)
        tracker.log_drawings(drawings)
        # So that the tuned network can be taught again.
        tracker.write_text("config/config.yaml", config_text)
        tracker.write_text("calibration.json", calibration_of(tuned, splits.validation).to_json())
        tracker.log_model(tuned, splits.train)
        _log(tracker, tuned, own, test)
    if tracker.run_id is None:
        raise TeachingError(
            f"the store of {run.name} does not answer: the tuned network is kept in the journal, "
            f"and `{tracker.delivery_command}` delivers it"
        )
    return Taught(tuned, tracker.run_id, len(drawings.held_back), own, test)


def tune(
    network: Network,
    loss: Loss,
    drawings: OwnDrawings,
    train: Dataset,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Network | None:
    """A copy of ``network``, tuned on the drawings; None if it was stopped."""
    tuned = copy.deepcopy(network)
    own = fine_tuning.views_of(drawings.trained_on)
    for _ in fine_tuning.fine_tune(tuned, loss, own, train):
        if stopped():
            return None
    return tuned


def _change(network: Network, tuned: Network, loss: Loss, samples: Dataset) -> Change:
    return Change(*(evaluate(n, loss, samples).accuracy for n in (network, tuned)))


def _tracker(
    store: RunStore, config: DictConfig, parent: RunSummary, drawings: OwnDrawings, digest: str
) -> Tracker:
    taught = {
        "teaching.drawings": len(drawings.trained_on),
        "teaching.held_back": len(drawings.held_back),
        "teaching.steps": fine_tuning.STEPS,
        "teaching.learning_rate": fine_tuning.LEARNING_RATE,
    }
    where = Place.of(config.tracking)
    return Tracker(
        replace(where, uri=store.uri, experiment=parent.experiment),
        name=f"{parent.name} · taught",
        kind="tuned",
        parameters={**deciding(flatten(config)), **taught},
        tags={**environment.versions(), DATASET_DIGEST: digest, DRAWINGS: drawings.version},
        parent_run_id=parent.run_id,
    )


def _log(tracker: Tracker, tuned: Network, own: Change | None, test: Change) -> None:
    tracker.write_artifact("checkpoints/best.npz", partial(save_checkpoint, tuned))
    tracker.set_tags({WEIGHTS_DIGEST: weights_digest(tuned)})
    metrics = {
        "own_accuracy_before": own and own.before,
        "own_accuracy": own and own.after,
        "test_accuracy_before": test.before,
        "test_accuracy": test.after,
    }
    tracker.log_metrics(metrics, step=fine_tuning.STEPS)
