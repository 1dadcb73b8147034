"""One run: config -> objects -> loop -> the validation accuracy."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from threadpoolctl import threadpool_limits

from experiments.config.validation import validate
from experiments.datasets import Splits
from experiments.errors import masked
from experiments.runs import environment
from experiments.runs.summary import RunSummary
from experiments.tracking import Place, Tracker
from experiments.training.build import (
    Trainee,
    build_early_stopping,
    build_training,
    load_splits,
)
from experiments.training.diagnostics import build_diagnostics
from experiments.training.identity import Identity
from experiments.training.progress import Progress
from experiments.training.recorder import Recorder
from experiments.training.report import RunReport
from experiments.training.resume import earlier_run, one_at_a_time, take_over
from nnscratch import Epoch, TrainingState


def run(
    config: DictConfig,
    *,
    name: str,
    report: RunReport,
    parent_run_id: str | None = None,
    watch: Callable[[Epoch], None] | None = None,
) -> float:
    """Trains and records one network; returns its best validation accuracy (0–1).

    With ``config.resume``, a run of this config on these data is not repeated if it is over;
    if it was stopped, it continues after its latest epoch, to the same weights.

    ``watch`` is called with every finished epoch, once it is logged, and may raise
    ``Stopped``: the run then ends KILLED, and the caller gets the exception.

    Same config, same seed: same weights, bit for bit, alone or in a sweep. That is why BLAS
    gets ``config.threads`` threads; it also keeps parallel runs from competing for the cores.
    """
    validate(config)
    where = Place.of(config.tracking)
    with threadpool_limits(config.threads):
        splits = load_splits(config)
        identity = Identity.of(config, splits)

        def build(state: TrainingState | None = None) -> Trainee:
            watch = report.batches if config.progress else None
            return build_training(config, splits, resume=state, watch=watch)

        def begin() -> RunSummary | tuple[Tracker, Trainee, Progress | None]:
            """An earlier run if it is over, else the tracker of this run, and where it starts."""
            earlier = earlier_run(where, identity.tags, parent_run_id) if config.resume else None
            if earlier is not None and earlier.over:
                return earlier.run
            if earlier is not None and earlier.run.over:
                report.note(
                    f"run {earlier.run.run_id[:8]} has finished, but some of its artifacts are "
                    "missing or empty: it is trained again"
                )
            kept = earlier and earlier.kept
            trainee, progress = kept.resumed(build) if kept else (build(), None)
            tracker = Tracker(
                where,
                name=name,
                kind="run",
                parameters=identity.settings,
                tags={**environment.tags(), **identity.tags},
                parent_run_id=parent_run_id,
                resumed=earlier and earlier.run,
                logged=earlier and earlier.logged,
            )
            return tracker, trainee, progress

        same = [f"{tag}={value}" for tag, value in sorted(identity.tags.items())]
        begun = one_at_a_time(begin, where, *same, tell=report.note)
        if isinstance(begun, RunSummary):
            return take_over(begun, where, report, parent_run_id)
        tracker, trainee, progress = begun
        with tracker:
            return _train(config, splits, tracker, trainee, report, watch, progress, title=name)


def _train(
    config: DictConfig,
    splits: Splits,
    tracker: Tracker,
    trainee: Trainee,
    report: RunReport,
    watch: Callable[[Epoch], None] | None,
    progress: Progress | None,
    *,
    title: str,
) -> float:
    tracker.write_artifact("config/config.yaml", partial(_save_config, config))
    tracker.log_dataset(splits)
    recorder = Recorder(
        tracker,
        report,
        trainee,
        splits,
        title=title,
        epoch_checkpoints=config.tracking.epoch_checkpoints,
        diagnostics=build_diagnostics(config, trainee, splits.train),
    )
    stopping = build_early_stopping(config)
    report.started(title)
    recorder.begin(progress)
    for epoch in progress.history if progress else ():
        stopping.update(epoch)
    try:
        while not stopping.should_stop and (epoch := next(trainee.training, None)) is not None:
            recorder.epoch(epoch)
            if watch is not None:
                watch(epoch)
            stopping.update(epoch)
        recorder.finish()
    finally:
        recorder.close()
    return recorder.best_val_accuracy


def _save_config(config: DictConfig, file: Path) -> None:
    public = config.copy()
    if public.tracking.uri is not None:
        public.tracking.uri = masked(public.tracking.uri)
    OmegaConf.save(public, file, resolve=True)


def run_name(config: DictConfig) -> str:
    """The name of a run outside a sweep: ``mnist · 128-64 · relu · he_normal · adam``."""
    hidden = "-".join(map(str, config.model.hidden)) or "no hidden layer"
    parts = [config.data.name, hidden, config.model.activation, config.model.init]
    return " · ".join([*parts, config.optimizer.name])
