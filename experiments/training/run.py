"""One run: config -> objects -> loop -> the validation accuracy."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from experiments.config.identity import config_digest, deciding, flatten
from experiments.config.validation import validate
from experiments.datasets import Splits
from experiments.errors import Pruned, masked
from experiments.reporting.terminal import RunReport
from experiments.runs.tags import DATASET_DIGEST, DIVERGED, ERROR, HANDWRITING_DIGEST, PRUNED
from experiments.tracking import LOST, RunStore, Tracker, recover, share
from experiments.training import environment
from experiments.training.build import build_early_stopping, build_training, load_splits
from experiments.training.recorder import Recorder
from experiments.training.resume import Earlier, Progress, earlier_run
from nnscratch import (
    Dataset,
    DivergenceError,
    Epoch,
    Loss,
    Network,
    Optimizer,
    evaluate,
)
from nnscratch.inspection.diagnostics import diagnose, gradient_noise, misclassified

_PROBE = 1000  # training samples that diagnostics look at
_DRAWS = 8  # times as many samples as a batch has are there to draw one from, for its noise
_EXAMPLE = 2  # training samples that the model shows as its input


def run(
    config: DictConfig,
    *,
    name: str,
    report: RunReport,
    parent_run_id: str | None = None,
    watch: Callable[[Epoch], None] | None = None,
) -> float:
    """Trains and records one network; returns its best validation accuracy (0–1).

    With ``config.resume`` a run of this config on these data that is over is not trained
    again, and one that was stopped goes on after its latest epoch, to the same weights.

    ``watch`` is told of every finished epoch, once it is logged, and may raise
    ``Stopped``: the run then ends KILLED, and the exception goes on to the caller.

    Same config, same seed: same weights, bit for bit, alone or in a sweep. BLAS gets
    ``config.threads`` threads for that reason, and so that parallel runs don't fight
    for the cores.
    """
    validate(config)
    with threadpool_limits(config.threads):
        splits = load_splits(config)
        earlier = _earlier(config, splits) if config.resume else None
        if earlier is not None and earlier.over:
            return _take_over(config, earlier, report, parent_run_id)
        with _tracker(config, name, splits, parent_run_id, earlier) as tracker:
            try:
                progress = earlier and earlier.progress
                return _train(config, splits, tracker, report, watch, progress, title=name)
            except DivergenceError:
                tracker.set_tags({DIVERGED: "true"})
                raise
            except Pruned:
                tracker.set_tags({PRUNED: "true"})
                raise


def _train(
    config: DictConfig,
    splits: Splits,
    tracker: Tracker,
    report: RunReport,
    watch: Callable[[Epoch], None] | None,
    progress: Progress | None,
    *,
    title: str,
) -> float:
    tracker.write_artifact("config/config.yaml", partial(_save_config, config))
    tracker.log_dataset(splits)
    network, loss, optimizer, training = build_training(
        config,
        splits,
        resume=progress and progress.state,
        watch=report.batches if config.progress else None,
    )
    recorder = Recorder(
        tracker,
        report,
        network,
        loss,
        training,
        title=title,
        epoch_checkpoints=config.tracking.epoch_checkpoints,
        example=splits.train.take(slice(0, _EXAMPLE))[0],
        diagnostics=_diagnostics(config, network, loss, optimizer, splits.train),
    )
    stopping = build_early_stopping(config)
    report.started(title)
    if progress is None:
        recorder.begin()
    else:
        recorder.resume(progress)
        for epoch in progress.history:
            stopping.update(epoch)
    try:
        while not stopping.should_stop and (epoch := next(training, None)) is not None:
            recorder.epoch(epoch)
            if watch is not None:
                watch(epoch)
            stopping.update(epoch)
        recorder.finish(splits)
    finally:
        recorder.close()
    return recorder.best_val_accuracy


def _save_config(config: DictConfig, file: Path) -> None:
    public = config.copy()
    if public.tracking.uri is not None:
        public.tracking.uri = masked(public.tracking.uri)
    OmegaConf.save(public, file, resolve=True)


def _diagnostics(
    config: DictConfig, network: Network, loss: Loss, optimizer: Optimizer, train: Dataset
) -> Callable[[], Mapping[str, float]]:
    """What measures ``diagnostics/1.Linear/gradient_norm``, …, always on the same samples.

    ``diagnostics/train_accuracy`` is that of a network which answers, not learns: all units
    are there, and the images as they are.
    """
    if not config.diagnostics:
        return dict
    probe = train.subset(np.arange(min(_PROBE, len(train))))
    inputs, labels = probe.take(slice(None))
    batch_size = config.batch_size or len(train)
    drawn_from = train.subset(np.arange(min(max(_PROBE, _DRAWS * batch_size), len(train))))

    def measure() -> Mapping[str, float]:
        by_layer = {
            f"{layer}/{name}": value
            for layer, found in diagnose(network, loss, optimizer, inputs, labels).items()
            for name, value in found.metrics().items()
        }
        rng = np.random.default_rng(0)
        found = {
            **by_layer,
            **misclassified(network, loss, inputs, labels),
            "train_accuracy": evaluate(network, loss, probe).accuracy,
            "gradient_noise": gradient_noise(network, loss, drawn_from, batch_size, rng),
        }
        return {f"diagnostics/{name}": value for name, value in found.items()}

    return measure


def _tracker(
    config: DictConfig,
    name: str,
    splits: Splits,
    parent_run_id: str | None,
    earlier: Earlier | None,
) -> Tracker:
    settings = flatten(config)
    where = config.tracking
    fresh = {**environment.tags(settings), **_digests(splits)}
    return Tracker(
        name=name,
        kind="run",
        uri=where.uri,
        experiment=where.experiment,
        artifacts=where.artifacts,
        journal=where.journal,
        parameters=deciding(settings),
        tags=fresh if earlier is None else {},
        parent_run_id=parent_run_id,
        resumed=earlier and earlier.run,
        logged=earlier and earlier.logged,
    )


def _earlier(config: DictConfig, splits: Splits) -> Earlier | None:
    return earlier_run(
        RunStore(config.tracking.uri, new=True),
        config_digest(flatten(config)),
        _digests(splits),
        journals=Path(config.tracking.journal),
    )


def _digests(splits: Splits) -> dict[str, str]:
    """The tags that say what a run learns from, and whose handwriting it reads at its end."""
    digests = {DATASET_DIGEST: splits.digest}
    if splits.handwriting is not None:
        digests[HANDWRITING_DIGEST] = splits.handwriting.digest
    return digests


def _take_over(
    config: DictConfig, earlier: Earlier, report: RunReport, parent_run_id: str | None
) -> float:
    """Counts a run that is over as one of this sweep, too; one that diverged raises that again."""
    run = earlier.run
    if parent_run_id is not None and run.parent != parent_run_id:
        share(config.tracking.uri, run.run_id, parent_run_id)
    if run.diverged:
        reason = run.tags[ERROR].removeprefix("DivergenceError: ")
        raise DivergenceError(f"run {run.run_id[:8]} {reason}; it would do so again")
    report.over(run.run_id)
    return run.val_accuracy


def clear_up(config: DictConfig, tell: Callable[[str], None]) -> None:
    """Delivers what dead processes left in the journals, and ends their runs."""
    for found in recover(Path(config.tracking.journal)):
        if found.kept:
            tell(f"{found.name}: {found.kept} entries are still kept: {found.error}")
        elif found.lost:
            tell(f"{found.name}: run {found.run_id} is KILLED now: {LOST}; resume=true goes on")


def run_name(config: DictConfig) -> str:
    """What a run is called when nothing is swept: ``mnist · 128-64 · relu · he_normal · adam``."""
    hidden = "-".join(map(str, config.model.hidden)) or "no hidden layer"
    parts = [config.data.name, hidden, config.model.activation, config.model.init]
    return " · ".join([*parts, config.optimizer.name])
