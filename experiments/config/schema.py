"""The typed schema of ``conf/``: all keys, their types, and the allowed values.

``conf/*.yaml`` holds the values. Hydra rejects unknown keys and wrong types;
``validation.validate`` rejects values that fail the check beside their key. Both happen before any
work starts.
"""

from dataclasses import dataclass, field
from typing import Any, get_args

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

from experiments.config.checks import (
    Check,
    at_least,
    below_one,
    between,
    factor,
    initialization,
    jobs,
    layer_sizes,
    named,
    not_negative,
    one_of,
    positive,
    within,
)
from experiments.datasets import DATASETS
from nnscratch.architectures import Output
from nnscratch.layers import ACTIVATIONS

SLOPE_OF_ACTIVATION = "slope_of_activation"  # system 1
UPDATE_BEFORE_PROPAGATING = "update_before_propagating"  # system 2
MISTAKES = (SLOPE_OF_ACTIVATION, UPDATE_BEFORE_PROPAGATING)

# Hydra instantiates plugins only if their path starts like this.
PLUGINS = "hydra_plugins.nnscratch"
LOCAL_LAUNCHER = f"{PLUGINS}.LocalLauncher"
CHECKED_SWEEPER = f"{PLUGINS}.CheckedSweeper"


def key(check: Check) -> Any:
    """A key whose value stands in ``conf/`` and must pass ``check``."""
    return field(default=MISSING, metadata={"check": check})


@dataclass
class DataConfig:
    name: str = key(one_of(*DATASETS))
    _target_: str = "experiments.datasets.load"  # earlier versions had none in their files
    val_fraction: float = key(between(0, 1))
    test_fraction: float | None = key(between(0, 1))
    train_size: int | None = key(at_least(1))
    wrong_labels: float = key(below_one)


@dataclass
class PenDataConfig(DataConfig):
    pen_strokes: str | None = MISSING
    test_writers: int = key(at_least(0))


@dataclass
class ModelConfig:
    name: str = MISSING
    _target_: str = MISSING
    hidden: list[int] = key(layer_sizes)
    activation: str = key(one_of(*ACTIVATIONS))
    init: str = key(initialization)
    output_scale: float = key(positive)
    bias_init: str = key(initialization)
    batch_norm: bool = MISSING
    dropout: float = key(below_one)
    input_dropout: float = key(below_one)


@dataclass
class LossConfig:
    name: str = MISSING
    _target_: str = MISSING
    output: str = key(one_of(*get_args(Output)))  # the end of the network


@dataclass
class SoftmaxCrossEntropyConfig(LossConfig):
    label_smoothing: float = key(below_one)


@dataclass
class CrossEntropyConfig(LossConfig):
    epsilon: float = key(between(0, 0.5))


@dataclass
class OptimizerConfig:
    name: str = MISSING
    _target_: str = MISSING
    learning_rate: float = key(positive)  # where the schedule starts, or its peak


@dataclass
class SGDConfig(OptimizerConfig):
    momentum: float = key(below_one)
    nesterov: bool = MISSING


@dataclass
class RMSPropConfig(OptimizerConfig):
    decay: float = key(below_one)
    epsilon: float = key(positive)


@dataclass
class AdamConfig(OptimizerConfig):
    beta1: float = key(below_one)
    beta2: float = key(below_one)
    epsilon: float = key(positive)


@dataclass
class AdamWConfig(AdamConfig):
    weight_decay: float = key(not_negative)


@dataclass
class ScheduleConfig:
    name: str = MISSING
    _target_: str = MISSING


@dataclass
class StepScheduleConfig(ScheduleConfig):
    every: int = key(at_least(1))
    factor: float = key(factor)


@dataclass
class CosineScheduleConfig(ScheduleConfig):
    warmup: float = key(below_one)
    final: float = key(below_one)


@dataclass
class OneCycleScheduleConfig(CosineScheduleConfig):
    start: float = key(below_one)


@dataclass
class AugmentationConfig:
    name: str = MISSING
    _target_: str | None = MISSING


@dataclass
class AffineAugmentationConfig(AugmentationConfig):
    rotation: float = key(not_negative)
    shear: float = key(not_negative)
    scale: float = key(not_negative)
    translation: float = key(not_negative)


@dataclass
class EarlyStoppingConfig:
    patience: int | None = key(at_least(1))
    min_delta: float = key(not_negative)
    goal: float | None = key(factor)


@dataclass
class TrackingConfig:
    uri: str | None = MISSING
    experiment: str = key(named)
    artifacts: str = MISSING
    journal: str = MISSING
    epoch_checkpoints: bool | None = MISSING


@dataclass
class Config:
    data: DataConfig = MISSING
    model: ModelConfig = MISSING
    loss: LossConfig = MISSING
    optimizer: OptimizerConfig = MISSING
    schedule: ScheduleConfig = MISSING
    augmentation: AugmentationConfig = MISSING
    seed: int = key(at_least(0))
    epochs: int = key(at_least(1))
    batch_size: int | None = key(at_least(1))
    epoch_samples: int | None = key(at_least(1))
    engine: str = key(one_of("numpy", "pure_python"))
    mistake: str | None = key(one_of(*MISTAKES))
    max_gradient_norm: float | None = key(positive)
    ema_decay: float | None = key(below_one)
    early_stopping: EarlyStoppingConfig = MISSING
    diagnostics: bool = MISSING
    threads: int = key(within(1, 1024))
    progress: bool = MISSING
    resume: bool = MISSING
    tracking: TrackingConfig = MISSING


@dataclass
class DimensionConfig:
    """The values that a search may give a key: one of ``choices``, or a number in a range."""

    choices: list[Any] | None = None
    low: Any = None
    high: Any = None
    step: Any = None
    log: bool = False
    when: dict[str, Any] = field(default_factory=dict)  # keys and values; else left out


@dataclass
class SearchConfig:
    trials: int = key(at_least(1))
    sampler: str = key(one_of("tpe", "random"))
    pruner: str = key(one_of("median", "hyperband", "none"))
    startup_trials: int = key(at_least(1))
    warmup_epochs: int = key(at_least(0))
    n_jobs: int = key(jobs)
    timeout: float | None = key(positive)
    study: str | None = MISSING
    storage: str | None = MISSING
    space: dict[str, DimensionConfig] = MISSING


@dataclass
class SearchedConfig(Config):
    """The root config of a search: the fixed values, and how to search for the others."""

    search: SearchConfig = MISSING


@dataclass
class LocalLauncherConfig:
    _target_: str = LOCAL_LAUNCHER
    n_jobs: int = -1  # processes; -1: one per core


@dataclass
class CheckedSweeperConfig:
    _target_: str = CHECKED_SWEEPER
    max_batch_size: int | None = None
    params: dict[str, str] | None = None


def register_schema() -> None:
    """Registers the schema as Hydra's group ``schema``; the files in ``conf/`` start from it.

    It also registers the launcher and the sweeper that ``conf/config.yaml`` chooses.
    """
    nodes = {
        "config": Config,
        "searched_config": SearchedConfig,
        "data": DataConfig,
        "pen_data": PenDataConfig,
        "model": ModelConfig,
        "loss": LossConfig,
        "softmax_cross_entropy": SoftmaxCrossEntropyConfig,
        "cross_entropy": CrossEntropyConfig,
        "sgd": SGDConfig,
        "rmsprop": RMSPropConfig,
        "adam": AdamConfig,
        "adamw": AdamWConfig,
        "constant_schedule": ScheduleConfig,
        "step_schedule": StepScheduleConfig,
        "cosine_schedule": CosineScheduleConfig,
        "one_cycle_schedule": OneCycleScheduleConfig,
        "augmentation": AugmentationConfig,
        "affine_augmentation": AffineAugmentationConfig,
    }
    for name, node in nodes.items():
        ConfigStore.instance().store(group="schema", name=name, node=node)
    ConfigStore.instance().store(group="hydra/launcher", name="local", node=LocalLauncherConfig)
    ConfigStore.instance().store(group="hydra/sweeper", name="checked", node=CheckedSweeperConfig)
