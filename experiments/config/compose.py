"""Configs as the command line composes them, without the command."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from experiments.config.schema import register_schema
from experiments.sweeps.registration import register_plugins
from experiments.train import CONF


def compose_config(overrides: Sequence[str]) -> DictConfig:
    """The config of these overrides, not validated; raises Hydra's errors."""
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))
