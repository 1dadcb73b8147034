"""The jobs of a Hydra multirun before they run: overrides, configs, what sets them apart."""

import itertools
from collections.abc import Sequence

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf


def job_overrides(config: DictConfig) -> list[list[str]]:
    """The overrides of every job of a multirun, in Hydra's order; raises Hydra's errors."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    loader = GlobalHydra.instance().config_loader()
    params = config.hydra.sweeper.get("params") or {}
    overrides = [f"{key}={value}" for key, value in params.items()]
    overrides += config.hydra.overrides.task
    parsed = OverridesParser.create(config_loader=loader).parse_overrides(overrides)
    [jobs] = BasicSweeper.split_arguments(parsed, max_batch_size=None)
    return jobs


def swept_keys(jobs: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys whose values differ between the jobs."""
    seen: dict[str, set[str]] = {}
    for override in itertools.chain(*jobs):
        key, _, value = override.partition("=")
        seen.setdefault(key, set()).add(value)
    return frozenset(key for key, values in seen.items() if len(values) > 1)


def job_name(overrides: Sequence[str], swept: frozenset[str]) -> str:
    """``model.init=zeros optimizer=sgd``: the overrides of a job without those of all jobs."""
    return " ".join(text for text in overrides if text.partition("=")[0] in swept)


def compose(config: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The config that one job of the multirun will get."""
    loader = GlobalHydra.instance().config_loader()
    composed = loader.load_sweep_config(config, list(overrides))
    return OmegaConf.masked_copy(composed, [str(key) for key in composed if key != "hydra"])
