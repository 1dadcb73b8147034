"""Composes a config from overrides, as the command line does."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from experiments.config.overrides import CONF, check_overrides
from experiments.config.schema import register_schema
from experiments.runs.renamed import renamed_override

__all__ = ["CONF", "compose_config"]


def compose_config(overrides: Sequence[str]) -> DictConfig:
    """The config of these overrides, not validated yet. Raises ``ConfigError``, Hydra's errors."""
    register_schema()
    overrides = [renamed_override(text) for text in overrides]
    check_overrides(overrides)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", overrides)
