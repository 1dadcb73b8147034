"""Configs as the command line composes them, without the command."""

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from experiments.config import register_schema, validate
from experiments.sweeps.plugins import register_plugins
from experiments.train import CONF


def config(*overrides: str) -> DictConfig:
    """The valid config of these overrides."""
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", overrides=list(overrides))
    validate(composed)
    return composed
