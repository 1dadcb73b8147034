"""Checks a whole config: each value alone, and values that must fit together."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config.checks import Check
from experiments.config.schema import SLOPE_OF_ACTIVATION, UPDATE_BEFORE_PROPAGATING, Config
from experiments.datasets import DATASETS
from experiments.errors import ConfigError, first_line

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
"""The values that ``engine=pure_python`` supports; None also stands for a missing key."""

TARGETS = {
    "data": dict.fromkeys(DATASETS, "experiments.datasets.load"),
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
"""What each name builds. A logged name must not stand for anything else."""


def validate(config: DictConfig) -> None:
    """Raises ``ConfigError`` for the first key or value that is not allowed."""
    _check_interpolations(config)
    known = [field.name for field in fields(Config)]
    for key in config:
        if key not in known:
            raise ConfigError(str(key), config[key], f"unknown key; there are {', '.join(known)}")
    validate_values(config)
    _validate_together(config)


def _check_interpolations(config: DictConfig, prefix: str = "") -> None:
    """Raises ``ConfigError`` for one that has no value, or a value of another type."""
    typed: Any = OmegaConf.to_container(config, resolve=False)
    for key in config:
        if OmegaConf.is_interpolation(config, str(key)):
            try:
                config.copy()[key] = config[key]
            except OmegaConfBaseException as error:
                raise ConfigError(f"{prefix}{key}", typed[key], first_line(error)) from error
        elif isinstance(typed[key], dict):
            _check_interpolations(config[key], f"{prefix}{key}.")


def validate_values(config: DictConfig) -> None:
    """Raises ``ConfigError`` for the first value that fails the check of its key."""
    for key, value, check in _checked(config):
        complaint = None if value is None else check(value)
        if complaint:
            raise ConfigError(key, value, complaint)


def _checked(config: DictConfig, prefix: str = "") -> Iterator[tuple[str, Any, Check]]:
    """Key, value and check of each key that has a check in the schema."""
    for field in fields(cast(Any, OmegaConf.get_type(config))):
        value = OmegaConf.select(config, field.name)
        if "check" in field.metadata:
            yield f"{prefix}{field.name}", value, field.metadata["check"]
        elif isinstance(value, DictConfig) and is_dataclass(OmegaConf.get_type(value)):
            yield from _checked(value, f"{prefix}{field.name}.")


def _validate_together(config: DictConfig) -> None:
    """Raises ``ConfigError`` for values that are valid alone but not together."""
    for group, targets in TARGETS.items():
        name, target = config[group].name, config[group]._target_
        if name not in targets or targets[name] != target:
            # The log would name one thing, and the run would use another.
            allowed = f"stands for {targets.get(name)}, not {target}; choose a whole group"
            raise ConfigError(f"{group}.name", name, f"{allowed}: {group}={'|'.join(targets)}")
    outputs = _OUTPUTS_OF_LOSS[config.loss.name]
    if config.loss.output not in outputs:
        allowed = f"the loss {config.loss.name} takes {' or '.join(outputs)}"
        raise ConfigError("loss.output", config.loss.output, allowed)
    if OmegaConf.select(config, "optimizer.nesterov") and not config.optimizer.momentum:
        raise ConfigError("optimizer.nesterov", True, "needs optimizer.momentum, such as 0.9")
    if config.augmentation.name != "none" and config.data.name == "xor":
        raise ConfigError("augmentation", config.augmentation.name, "needs images; xor has none")
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
            allowed = f"needs {typed}={choices}, not {value}; experiment=system_1 works with it"
            raise ConfigError("engine", config.engine, allowed)


def _complaint_about_mistake(config: DictConfig) -> str | None:
    if config.mistake == SLOPE_OF_ACTIVATION:
        sigmoids = "sigmoid" in (config.model.activation, config.loss.output)
        return None if sigmoids else "needs model.activation=sigmoid or loss.output=sigmoid"
    # Whether every step is −η times the gradient, with the same η.
    plain = (config.optimizer.name, config.schedule.name) == ("sgd", "constant")
    plain = plain and not config.optimizer.momentum and config.max_gradient_norm is None
    if config.mistake == UPDATE_BEFORE_PROPAGATING and not plain:
        return (
            "needs plain gradient descent: optimizer=sgd without momentum, "
            "schedule=constant, max_gradient_norm=null"
        )
    return None
