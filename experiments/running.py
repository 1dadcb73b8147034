"""One run: config -> objects -> loop -> the validation accuracy."""

import math
from collections.abc import Callable, Mapping

from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from experiments import provenance
from experiments.building import build_loss, build_network, build_optimizer
from experiments.config import flatten, validate
from experiments.datasets import Splits, load
from experiments.recording import Recorder
from experiments.reporting.terminal import RunReport
from experiments.tracking import Tracker
from nnscratch import (
    Dataset,
    DivergenceError,
    EarlyStopping,
    Epoch,
    Loss,
    Network,
    Optimizer,
    fit,
)
from nnscratch.diagnostics import diagnose

_PROBE = 1000  # training samples that diagnostics look at


def run(
    config: DictConfig,
    *,
    name: str,
    report: RunReport,
    parent_run_id: str | None = None,
    watch: Callable[[Epoch], None] | None = None,
) -> float:
    """Trains and records one network; returns its best validation accuracy (0–1).

    ``watch`` is told of every finished epoch, once it is logged, and may raise
    ``Stopped``: the run then ends KILLED, and the exception goes on to the caller.

    Same config, same seed: same weights, bit for bit, alone or in a sweep. BLAS gets
    ``config.threads`` threads for that reason, and so that parallel runs don't fight
    for the cores.
    """
    validate(config)
    with threadpool_limits(config.threads):
        splits = load(
            config.data.name,
            val_fraction=config.data.val_fraction,
            train_size=config.data.train_size,
            seed=config.seed,
        )
        with _tracker(config, name, splits.digest, parent_run_id) as tracker:
            try:
                return _train(config, splits, tracker, report, watch, title=name)
            except DivergenceError:
                tracker.set_tags({"nnscratch.diverged": "true"})
                raise


def _train(
    config: DictConfig,
    splits: Splits,
    tracker: Tracker,
    report: RunReport,
    watch: Callable[[Epoch], None] | None,
    *,
    title: str,
) -> float:
    tracker.write_artifact(
        "config/config.yaml", lambda file: OmegaConf.save(config, file, resolve=True)
    )
    network = build_network(config, splits.train.features, splits.classes)
    batches = math.ceil(len(splits.train) / config.batch_size)
    loss, optimizer = build_loss(config), build_optimizer(config, network, batches)
    recorder = Recorder(
        tracker,
        report,
        network,
        loss,
        title=title,
        epoch_checkpoints=config.tracking.epoch_checkpoints,
        diagnostics=_diagnostics(config, network, loss, optimizer, splits.train),
    )
    epochs = fit(
        network,
        loss,
        optimizer,
        splits.train,
        splits.validation,
        epochs=config.epochs,
        batch_size=config.batch_size,
        seed=config.seed,
        max_gradient_norm=config.max_gradient_norm,
        ema_decay=config.ema_decay,
    )
    stopping = _early_stopping(config)
    report.started(title)
    try:
        for epoch in epochs:
            recorder.epoch(epoch)
            if watch is not None:
                watch(epoch)
            if stopping is not None and stopping.update(epoch):
                break
        recorder.finish(splits)
    finally:
        recorder.close()
    return recorder.best_val_accuracy


def _early_stopping(config: DictConfig) -> EarlyStopping | None:
    patience, min_delta = config.early_stopping.patience, config.early_stopping.min_delta
    return None if patience is None else EarlyStopping(patience, min_delta=min_delta)


def _diagnostics(
    config: DictConfig, network: Network, loss: Loss, optimizer: Optimizer, train: Dataset
) -> Callable[[], Mapping[str, float]]:
    """What measures ``diagnostics/1.Linear/gradient_norm``, …, always on the same samples."""
    if not config.diagnostics:
        return dict
    inputs, labels = train.take(slice(0, _PROBE))

    def measure() -> Mapping[str, float]:
        return {
            f"diagnostics/{layer}/{name}": value
            for layer, found in diagnose(network, loss, optimizer, inputs, labels).items()
            for name, value in found.metrics().items()
        }

    return measure


def _tracker(
    config: DictConfig, name: str, dataset_digest: str, parent_run_id: str | None
) -> Tracker:
    settings = flatten(config)
    where = config.tracking
    return Tracker(
        name=name,
        kind="run",
        uri=where.uri,
        experiment=where.experiment,
        artifacts=where.artifacts,
        parameters={k: v for k, v in settings.items() if not k.startswith("tracking.")},
        tags={**provenance.tags(settings), "nnscratch.dataset_digest": dataset_digest},
        parent_run_id=parent_run_id,
    )


def run_name(config: DictConfig) -> str:
    """What a run is called when nothing is swept: ``mnist · 128-64 · relu · he_normal · adam``."""
    hidden = "-".join(map(str, config.model.hidden)) or "no hidden layer"
    parts = [config.data.name, hidden, config.model.activation, config.model.init]
    return " · ".join([*parts, config.optimizer.name])
