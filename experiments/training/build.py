"""Config to objects: each group's ``_target_`` becomes what it names."""

import math
from typing import Any, NamedTuple

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from experiments.datasets import Splits
from experiments.errors import ConfigError, UserError
from experiments.training.published_mistakes import with_mistake
from experiments.training.pure_python.training import HIDDEN, OUTPUTS, PurePythonTraining
from nnscratch import EarlyStopping, Loss, Network, Optimizer, Training, TrainingState, fit
from nnscratch.augmentation import Augmentation
from nnscratch.schedules import Schedule
from nnscratch.training.progress import Watch


class Trainee(NamedTuple):
    """A network and what trains it."""

    network: Network
    loss: Loss
    optimizer: Optimizer
    training: Training | PurePythonTraining


def load_splits(config: DictConfig) -> Splits:
    """The data of ``config``; raises ``DatasetError``."""
    try:
        return instantiate(config.data, seed=config.seed)
    except InstantiationException as error:  # Hydra's words around the one line that helps
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        raise


def build_training(
    config: DictConfig,
    splits: Splits,
    resume: TrainingState | None = None,
    watch: Watch | None = None,
) -> Trainee:
    """The training that ``config`` describes, from the beginning or from ``resume``.

    ``watch``: see ``nnscratch.fit``.
    """
    network = build_network(config, splits.train.features, splits.classes)
    batch_size = config.batch_size or len(splits.train)
    batches = math.ceil(_epoch_samples(config, splits) / batch_size)
    loss, optimizer = build_loss(config), build_optimizer(config, batches)
    training = fit(
        network,
        loss,
        optimizer,
        splits.train,
        splits.validation,
        epochs=config.epochs,
        batch_size=batch_size,
        seed=config.seed,
        max_gradient_norm=config.max_gradient_norm,
        ema_decay=config.ema_decay,
        augmentation=build_augmentation(config),
        epoch_samples=config.epoch_samples,
        resume=resume,
        watch=watch if config.engine == "numpy" else None,
    )
    if config.engine == "pure_python":
        training = PurePythonTraining(
            training,
            network,
            loss,
            splits.train,
            splits.validation,
            hidden=HIDDEN[config.model.activation],
            output=OUTPUTS[config.loss.name],
            batch_size=batch_size,
            learning_rate=config.optimizer.learning_rate,
            resume=resume,
            watch=watch,
        )
    return Trainee(network, loss, optimizer, training)


def build_augmentation(config: DictConfig) -> Augmentation | None:
    """The augmentation of ``config.augmentation``; None if it is ``none``."""
    if config.augmentation.name == "none":
        return None
    return instantiate(_arguments(config.augmentation))


def _epoch_samples(config: DictConfig, splits: Splits) -> int:
    """The number of samples in an epoch. Raises ``ConfigError`` for more than there are."""
    samples = len(splits.train)
    if (wanted := config.epoch_samples or samples) > samples:
        allowed = f"at most {samples}, the training samples of {splits.name}; null: all of them"
        raise ConfigError("epoch_samples", wanted, allowed)
    return wanted


def build_early_stopping(config: DictConfig) -> EarlyStopping:
    """The rule of ``config.early_stopping``; without a patience it never stops the training."""
    rule, never = config.early_stopping, config.epochs + 1
    return EarlyStopping(rule.patience or never, min_delta=rule.min_delta, goal=rule.goal)


def build_network(config: DictConfig, features: int, classes: int) -> Network:
    """The network of ``config.model``, with the output layer for ``config.loss``.

    With sigmoid outputs, two classes need only one output: class 1 against class 0.
    """
    model = _arguments(config.model)
    output: str = config.loss.output
    outputs = 1 if classes == 2 and output.startswith("sigmoid") else classes
    sizes = [features, *model.pop("hidden"), outputs]
    network = instantiate(model, sizes=sizes, output=output, seed=config.seed, _convert_="all")
    if config.mistake is None:
        return network
    rate = config.optimizer.learning_rate
    return with_mistake(network, config.mistake, learning_rate=rate, seed=config.seed)


def build_loss(config: DictConfig) -> Loss:
    """The loss of ``config.loss``."""
    arguments = _arguments(config.loss)
    del arguments["output"]
    return instantiate(arguments)


def build_optimizer(config: DictConfig, batches: int) -> Optimizer:
    """The optimizer of ``config.optimizer``, for epochs of ``batches`` batches."""
    arguments = _arguments(config.optimizer)
    arguments["learning_rate"] = build_schedule(config, batches)
    return instantiate(arguments)


def build_schedule(config: DictConfig, batches: int) -> Schedule:
    """``config.schedule`` in steps, with the learning rate of ``config.optimizer``."""
    arguments = _arguments(config.schedule)
    if config.schedule.name == "step":
        arguments["every"] *= batches
    elif config.schedule.name != "constant":
        arguments["steps"] = config.epochs * batches
    return instantiate(arguments, config.optimizer.learning_rate)


def _arguments(group: DictConfig) -> dict[str, Any]:
    """A config group without its ``name``, which is no argument."""
    container: Any = OmegaConf.to_container(group, resolve=True)
    del container["name"]
    return container
