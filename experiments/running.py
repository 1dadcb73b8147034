"""One run: config -> objects -> loop -> the validation accuracy."""

from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from experiments import provenance
from experiments.building import build_loss, build_network, build_optimizer
from experiments.config import flatten, validate
from experiments.datasets import load
from experiments.recording import Recorder
from experiments.reporting.terminal import RunReport
from experiments.tracking import Tracker
from nnscratch import DivergenceError, fit


def run(
    config: DictConfig, *, name: str, report: RunReport, parent_run_id: str | None = None
) -> float:
    """Trains and records one network; returns its best validation accuracy (0–1).

    Same config, same seed: same weights, bit for bit, alone or in a sweep. BLAS gets
    ``config.threads`` threads for that reason, and so that parallel runs don't fight
    for the cores.
    """
    validate(config)
    with threadpool_limits(config.threads):
        splits = load(config.data.name, val_fraction=config.data.val_fraction, seed=config.seed)
        network = build_network(config, splits.train.features, splits.classes)
        loss, optimizer = build_loss(config), build_optimizer(config)
        with _tracker(config, name, splits.digest, parent_run_id) as tracker:
            tracker.write_artifact(
                "config/config.yaml", lambda file: OmegaConf.save(config, file, resolve=True)
            )
            recorder = Recorder(
                tracker,
                report,
                network,
                loss,
                title=name,
                epoch_checkpoints=config.tracking.epoch_checkpoints,
            )
            report.started(name)
            epochs = fit(
                network,
                loss,
                optimizer,
                splits.train,
                splits.validation,
                epochs=config.epochs,
                batch_size=config.batch_size,
                seed=config.seed,
            )
            try:
                for epoch in epochs:
                    recorder.epoch(epoch)
                recorder.finish(splits)
            except DivergenceError:
                tracker.set_tags({"nnscratch.diverged": "true"})
                raise
            finally:
                recorder.close()
    return recorder.best_val_accuracy


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
