"""The jobs of a Hydra multirun before they run: overrides, configs, what sets them apart."""

import itertools
import re
from collections.abc import Sequence
from typing import final

from hydra._internal.config_loader_impl import get_overrides_dirname
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
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
    names = " ".join(text for text in overrides if text.partition("=")[0] in swept)
    return re.sub(r"\\(.)", r"\1", names)  # without the escapes of Hydra's grammar


@final
class JobConfigs:
    """The configs of a multirun's jobs, as Hydra would compose them.

    Hydra takes half a second for one. So it is asked once for each choice of groups, and
    not at all for the choice that the multirun's own config has; plain values are set in
    copies of those.
    """

    def __init__(self, config: DictConfig) -> None:
        self._config = config  # of the whole multirun, composed without what it sweeps
        self._loader = GlobalHydra.instance().config_loader()
        self._groups = set(self._loader.list_groups(""))
        given = config.hydra.overrides.task
        self._bases = {tuple(text for text in given if not self._is_value(text)): config}

    def compose(self, overrides: Sequence[str]) -> DictConfig:
        """The config that Hydra hands to the job with these overrides, its own part included.

        Raises Hydra's errors.
        """
        composed = self._with_values(self._base(overrides).copy(), overrides)
        _describe(composed.hydra, OverridesParser.create().parse_overrides(list(overrides)))
        return composed

    def compose_task(self, overrides: Sequence[str]) -> DictConfig:
        """The same without Hydra's part, in a third of the time."""
        base = self._base(overrides)
        task = OmegaConf.masked_copy(base, [str(key) for key in base if key != "hydra"])
        return self._with_values(task, overrides)

    def _base(self, overrides: Sequence[str]) -> DictConfig:
        choices = tuple(text for text in overrides if not self._is_value(text))
        if choices not in self._bases:
            self._bases[choices] = self._loader.load_sweep_config(self._config, list(choices))
        return self._bases[choices]

    def _with_values(self, config: DictConfig, overrides: Sequence[str]) -> DictConfig:
        values = [text for text in overrides if self._is_value(text)]
        try:
            for override in OverridesParser.create().parse_overrides(values):
                OmegaConf.update(config, override.key_or_group, override.value())
        except OmegaConfBaseException:
            # Hydra says the same, and which override it was.
            self._loader.load_sweep_config(self._config, list(overrides))
            raise
        return config

    def _is_value(self, text: str) -> bool:
        """Whether an override sets a plain value: it neither chooses a group nor adds, deletes."""
        key = text.partition("=")[0]
        return key.replace(".", "").replace("_", "").isalnum() and key not in self._groups


def _describe(hydra: DictConfig, overrides: Sequence[Override]) -> None:
    """Notes the overrides of a job where Hydra does."""
    hydra.overrides.task = [override.input_line for override in overrides]
    style = hydra.job.config.override_dirname
    hydra.job.override_dirname = get_overrides_dirname(
        overrides=list(overrides),
        kv_sep=style.kv_sep,
        item_sep=style.item_sep,
        exclude_keys=style.exclude_keys,
    )
