"""The jobs of a Hydra multirun before they run: overrides, configs, what sets them apart."""

import itertools
from collections.abc import Container, Sequence

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException


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
    with open_dict(composed):
        del composed["hydra"]
    return composed


def compose_all(config: DictConfig, jobs: Sequence[Sequence[str]]) -> list[DictConfig]:
    """The config of each job of the multirun; raises Hydra's errors.

    Hydra takes 50 ms or more for one. So it is asked once for each choice of groups, and
    plain values are set in copies of that.
    """
    loader = GlobalHydra.instance().config_loader()
    groups = set(loader.list_groups(""))
    bases: dict[tuple[str, ...], DictConfig] = {}
    return [_composed(config, job, groups, bases) for job in jobs]


def _composed(
    config: DictConfig,
    job: Sequence[str],
    groups: Container[str],
    bases: dict[tuple[str, ...], DictConfig],
) -> DictConfig:
    values = [text for text in job if _is_value(text, groups)]
    choices = tuple(text for text in job if text not in values)
    if choices not in bases:
        bases[choices] = compose(config, choices)
    combination = bases[choices].copy()
    try:
        for override in OverridesParser.create().parse_overrides(values):
            OmegaConf.update(combination, override.key_or_group, override.value())
    except OmegaConfBaseException:
        return compose(config, job)  # whose errors say which override it was
    return combination


def _is_value(text: str, groups: Container[str]) -> bool:
    """Whether an override sets a plain value: it neither chooses a group nor adds or deletes."""
    key = text.partition("=")[0]
    return key.replace(".", "").replace("_", "").isalnum() and key not in groups
