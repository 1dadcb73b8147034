"""The typed schema of ``conf/``: which keys exist, their types, and their allowed values.

``conf/*.yaml`` holds the values, this file what they may be. Hydra refuses a key or
a type that does not stand here, ``validate`` a value out of range; both before any
work is done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from experiments.datasets import DATASETS
from experiments.training.published_mistakes import (
    MISTAKES,
    SLOPE_OF_ACTIVATION,
    UPDATE_BEFORE_PROPAGATING,
)
from nnscratch.architectures import Output
from nnscratch.layers import ACTIVATIONS
from nnscratch.layers.initializers import initializer


class ConfigError(ValueError):
    """A config value that is not allowed; the message names the key, the value and what is."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        super().__init__(f"{key}={value}: {allowed}")


@dataclass
class DataConfig:
    name: str = MISSING
    val_fraction: float = MISSING
    test_fraction: float | None = MISSING
    train_size: int | None = MISSING
    wrong_labels: float = MISSING


@dataclass
class PenDataConfig(DataConfig):
    pen_strokes: str | None = MISSING
    test_writers: int = MISSING


@dataclass
class ModelConfig:
    name: str = MISSING
    _target_: str = MISSING
    hidden: list[int] = MISSING
    activation: str = MISSING
    init: str = MISSING
    output_scale: float = MISSING
    bias_init: str = MISSING
    batch_norm: bool = MISSING
    dropout: float = MISSING
    input_dropout: float = MISSING


@dataclass
class LossConfig:
    name: str = MISSING
    _target_: str = MISSING
    output: str = MISSING  # the last layer that the network gets: nnscratch.architectures.Output


@dataclass
class SoftmaxCrossEntropyConfig(LossConfig):
    label_smoothing: float = MISSING


@dataclass
class CrossEntropyConfig(LossConfig):
    epsilon: float = MISSING


@dataclass
class OptimizerConfig:
    name: str = MISSING
    _target_: str = MISSING
    learning_rate: float = MISSING  # where a schedule starts from, or its peak


@dataclass
class SGDConfig(OptimizerConfig):
    momentum: float = MISSING
    nesterov: bool = MISSING


@dataclass
class RMSPropConfig(OptimizerConfig):
    decay: float = MISSING
    epsilon: float = MISSING


@dataclass
class AdamConfig(OptimizerConfig):
    beta1: float = MISSING
    beta2: float = MISSING
    epsilon: float = MISSING


@dataclass
class AdamWConfig(AdamConfig):
    weight_decay: float = MISSING


@dataclass
class ScheduleConfig:
    name: str = MISSING
    _target_: str = MISSING


@dataclass
class StepScheduleConfig(ScheduleConfig):
    every: int = MISSING
    factor: float = MISSING


@dataclass
class CosineScheduleConfig(ScheduleConfig):
    warmup: float = MISSING
    final: float = MISSING


@dataclass
class OneCycleScheduleConfig(CosineScheduleConfig):
    start: float = MISSING


@dataclass
class AugmentationConfig:
    name: str = MISSING
    _target_: str | None = MISSING


@dataclass
class AffineAugmentationConfig(AugmentationConfig):
    rotation: float = MISSING
    shear: float = MISSING
    scale: float = MISSING
    translation: float = MISSING


@dataclass
class EarlyStoppingConfig:
    patience: int | None = MISSING
    min_delta: float = MISSING
    goal: float | None = MISSING


@dataclass
class TrackingConfig:
    uri: str | None = MISSING
    experiment: str = MISSING
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
    seed: int = MISSING
    epochs: int = MISSING
    batch_size: int | None = MISSING
    epoch_samples: int | None = MISSING
    engine: str = MISSING
    mistake: str | None = MISSING
    max_gradient_norm: float | None = MISSING
    ema_decay: float | None = MISSING
    early_stopping: EarlyStoppingConfig = MISSING
    diagnostics: bool = MISSING
    threads: int = MISSING
    progress: bool = MISSING
    resume: bool = MISSING
    tracking: TrackingConfig = MISSING


@dataclass
class DimensionConfig:
    """What a search may set a key to: one of ``choices``, or a number in a range."""

    choices: list[Any] | None = None
    low: Any = None
    high: Any = None
    step: Any = None
    log: bool = False
    when: dict[str, Any] = field(default_factory=dict)  # keys and their values; else left out


@dataclass
class SearchConfig:
    trials: int = MISSING
    sampler: str = MISSING
    pruner: str = MISSING
    startup_trials: int = MISSING
    warmup_epochs: int = MISSING
    n_jobs: int = MISSING
    timeout: float | None = MISSING
    study: str | None = MISSING
    storage: str | None = MISSING
    space: dict[str, DimensionConfig] = MISSING


@dataclass
class SearchedConfig(Config):
    """The root config of a search: what is fixed, and how to search for the rest."""

    search: SearchConfig = MISSING


def register_schema() -> None:
    """Gives Hydra the schema, as the group ``schema`` that the files in ``conf/`` start from."""
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


# --- allowed values -----------------------------------------------------------------------


def _between(low: float, high: float) -> Callable[[Any], str | None]:
    return lambda value: None if low < value < high else f"must lie between {low:g} and {high:g}"


def _at_least(minimum: int) -> Callable[[Any], str | None]:
    return lambda value: None if value >= minimum else f"must be {minimum} or more"


def _named(value: str) -> str | None:
    return None if value.strip() else "must have a name, as in tracking.experiment=nnscratch"


def _positive(value: float) -> str | None:
    return None if 0 < value < float("inf") else "must be a positive number"


def _one_of(*names: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in names else f"choose one of {', '.join(names)}"


def _not_negative(value: float) -> str | None:
    return None if 0 <= value < float("inf") else "must be 0 or a positive number"


def _below_one(value: float) -> str | None:
    return None if 0 <= value < 1 else "must be at least 0 and less than 1"


def _factor(value: float) -> str | None:
    return None if 0 < value <= 1 else "must be more than 0 and at most 1"


def _initialization(value: str) -> str | None:
    try:
        initializer(value)
    except ValueError as error:
        return str(error)
    return None


def _jobs(value: int) -> str | None:
    return None if value == -1 or value >= 1 else "must be 1 or more, or -1 for one per core"


def _layer_sizes(value: list[int]) -> str | None:
    if all(units >= 1 for units in value):
        return None
    return "every hidden layer needs 1 unit or more, as in [128,64]"


_ALLOWED: Mapping[str, Callable[[Any], str | None]] = {
    "data.name": _one_of(*DATASETS),
    "data.val_fraction": _between(0, 1),
    "data.test_fraction": _between(0, 1),
    "data.train_size": _at_least(1),
    "data.wrong_labels": _below_one,
    "data.test_writers": _at_least(0),
    "model.hidden": _layer_sizes,
    "model.activation": _one_of(*ACTIVATIONS),
    "model.init": _initialization,
    "model.output_scale": _positive,
    "model.bias_init": _initialization,
    "model.dropout": _below_one,
    "model.input_dropout": _below_one,
    "loss.output": _one_of(*get_args(Output)),
    "loss.label_smoothing": _below_one,
    "loss.epsilon": _between(0, 0.5),
    "optimizer.learning_rate": _positive,
    "optimizer.momentum": _below_one,
    "optimizer.decay": _below_one,
    "optimizer.beta1": _below_one,
    "optimizer.beta2": _below_one,
    "optimizer.epsilon": _positive,
    "optimizer.weight_decay": _not_negative,
    "schedule.every": _at_least(1),
    "schedule.factor": _factor,
    "schedule.warmup": _below_one,
    "schedule.start": _below_one,
    "schedule.final": _below_one,
    "augmentation.rotation": _not_negative,
    "augmentation.shear": _not_negative,
    "augmentation.scale": _not_negative,
    "augmentation.translation": _not_negative,
    "seed": _at_least(0),
    "epochs": _at_least(1),
    "batch_size": _at_least(1),
    "epoch_samples": _at_least(1),
    "engine": _one_of("numpy", "pure_python"),
    "mistake": _one_of(*MISTAKES),
    "max_gradient_norm": _positive,
    "ema_decay": _below_one,
    "early_stopping.patience": _at_least(1),
    "early_stopping.min_delta": _not_negative,
    "early_stopping.goal": _factor,
    "threads": _at_least(1),
    "tracking.experiment": _named,
    "search.trials": _at_least(1),
    "search.sampler": _one_of("tpe", "random"),
    "search.pruner": _one_of("median", "hyperband", "none"),
    "search.startup_trials": _at_least(1),
    "search.warmup_epochs": _at_least(0),
    "search.n_jobs": _jobs,
    "search.timeout": _positive,
}
"""For each key: what is wrong with a value, or None."""

_OUTPUTS_OF_LOSS = {
    "softmax_cross_entropy": ("logits",),
    "sigmoid_cross_entropy": ("sigmoid_logits",),
    "cross_entropy": ("softmax", "sigmoid"),
    "mse": ("softmax", "sigmoid", "linear"),
}

_PURE_PYTHON: Mapping[str, tuple[object, ...]] = {
    "model.activation": ("sigmoid", "relu"),
    "model.batch_norm": (False,),
    "model.dropout": (0,),
    "model.input_dropout": (0,),
    "loss.name": ("mse", "softmax_cross_entropy"),
    "loss.output": ("sigmoid", "logits"),
    "loss.label_smoothing": (None, 0),
    "optimizer.name": ("sgd",),
    "optimizer.momentum": (0,),
    "schedule.name": ("constant",),
    "augmentation.name": ("none",),
    "epoch_samples": (None,),
    "max_gradient_norm": (None,),
    "ema_decay": (None,),
    "mistake": (None,),
}
"""All that ``engine=pure_python`` can do, None where the key is not there."""


TARGETS = {
    "model": {"mlp": "nnscratch.mlp"},
    "loss": {
        "softmax_cross_entropy": "nnscratch.SoftmaxCrossEntropyLoss",
        "sigmoid_cross_entropy": "nnscratch.SigmoidCrossEntropyLoss",
        "cross_entropy": "nnscratch.CrossEntropyLoss",
        "mse": "nnscratch.MSELoss",
    },
    "optimizer": {
        "sgd": "nnscratch.SGD",
        "rmsprop": "nnscratch.RMSProp",
        "adam": "nnscratch.Adam",
        "adamw": "nnscratch.AdamW",
    },
    "schedule": {
        "constant": "nnscratch.schedules.constant",
        "step": "nnscratch.schedules.step_decay",
        "cosine": "nnscratch.schedules.cosine",
        "one_cycle": "nnscratch.schedules.one_cycle",
    },
    "augmentation": {
        "none": None,
        "affine": "nnscratch.augmentation.Affine",
    },
}
"""What each name builds: the logged name is a promise."""


def validate(config: DictConfig) -> None:
    """Raises ``ConfigError`` for the first key or value that is not allowed."""
    known = [field.name for field in fields(Config)]
    for key in config:
        if key not in known:
            raise ConfigError(str(key), config[key], f"unknown key; there are {', '.join(known)}")
    validate_values(config)
    _validate_together(config)


def validate_values(config: DictConfig) -> None:
    """Raises ``ConfigError`` for the first value that is not allowed by itself."""
    for key, complaint_about in _ALLOWED.items():
        value = OmegaConf.select(config, key)
        complaint = None if value is None else complaint_about(value)
        if complaint:
            raise ConfigError(key, value, complaint)


def _validate_together(config: DictConfig) -> None:
    """What is allowed by itself, but not in this company."""
    for group, targets in TARGETS.items():
        name, target = config[group].name, config[group]._target_
        if name not in targets or targets[name] != target:
            # The log would say one thing and the run do another.
            allowed = f"stands for {targets.get(name)}, not {target}; choose a whole group"
            raise ConfigError(f"{group}.name", name, f"{allowed}: {group}={'|'.join(targets)}")
    outputs = _OUTPUTS_OF_LOSS[config.loss.name]
    if config.loss.output not in outputs:
        allowed = f"the loss {config.loss.name} takes {' or '.join(outputs)}"
        raise ConfigError("loss.output", config.loss.output, allowed)
    if OmegaConf.select(config, "optimizer.nesterov") and not config.optimizer.momentum:
        raise ConfigError("optimizer.nesterov", True, "needs optimizer.momentum, such as 0.9")
    if config.augmentation.name != "none" and config.data.name == "xor":
        raise ConfigError("augmentation", config.augmentation.name, "varies images; xor has none")
    if config.model.batch_norm and config.batch_size == 1:
        raise ConfigError("batch_size", 1, "model.batch_norm needs 2 or more samples at a time")
    if config.engine == "pure_python":
        _validate_pure_python(config)
    if complaint := _complaint_about_mistake(config):
        raise ConfigError("mistake", config.mistake, complaint)


def _validate_pure_python(config: DictConfig) -> None:
    for key, possible in _PURE_PYTHON.items():
        value = OmegaConf.select(config, key)
        if value not in possible:
            choices = " or ".join(str(choice) for choice in possible)
            typed = key.removesuffix(".name")
            allowed = f"takes {typed}={choices}, not {value}; experiment=system_1 is made for it"
            raise ConfigError("engine", config.engine, allowed)


def _complaint_about_mistake(config: DictConfig) -> str | None:
    if config.mistake == SLOPE_OF_ACTIVATION:
        sigmoids = "sigmoid" in (config.model.activation, config.loss.output)
        return None if sigmoids else "needs model.activation=sigmoid or loss.output=sigmoid"
    if config.mistake == UPDATE_BEFORE_PROPAGATING and not _is_plain_descent(config):
        return (
            "is that of plain gradient descent: optimizer=sgd without momentum, "
            "schedule=constant, max_gradient_norm=null"
        )
    return None


def _is_plain_descent(config: DictConfig) -> bool:
    """Whether each step is −η times the gradient, with one η from first to last."""
    return (
        (config.optimizer.name, config.schedule.name) == ("sgd", "constant")
        and not config.optimizer.momentum
        and config.max_gradient_norm is None
    )


def flatten(config: DictConfig) -> dict[str, Any]:
    """The config as ``{"model.hidden": [128, 64], …}``: what the user set, without targets."""

    def walk(prefix: str, node: dict[str, Any]) -> dict[str, Any]:
        flat = {}
        for key, value in node.items():
            if isinstance(value, dict):
                flat |= walk(f"{prefix}{key}.", value)
            elif key != "_target_":
                flat[f"{prefix}{key}"] = value
        return flat

    container: Any = OmegaConf.to_container(config, resolve=True)
    return walk("", container)
