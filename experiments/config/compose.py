"""Configs as the command line composes them, without the command."""

from collections.abc import Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from experiments.config.schema import register_schema

CONF = Path(__file__).resolve().parents[2] / "conf"


def compose_config(overrides: Sequence[str]) -> DictConfig:
    """The config of these overrides, not validated; raises Hydra's errors."""
    register_schema()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))
