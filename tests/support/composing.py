"""Valid configs, without the command line."""

from omegaconf import DictConfig

from experiments.config.compose import compose_config
from experiments.config.validation import validate


def config(*overrides: str) -> DictConfig:
    """The valid config of these overrides."""
    composed = compose_config(overrides)
    validate(composed)
    return composed
