"""The jobs of a Hydra multirun before they run: overrides, configs, names."""

import itertools
import re
from collections.abc import Sequence
from typing import Any, final

from hydra._internal.config_loader_impl import get_overrides_dirname
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from experiments.runs.renamed import renamed_override


def task_overrides(hydra: Any) -> list[str]:
    """The overrides that were typed for the task, with their interpolations unresolved."""
    typed: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
    return typed


def job_overrides(config: DictConfig) -> list[list[str]]:
    """The overrides of every job of a multirun, in Hydra's order. Raises Hydra's errors."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    loader = GlobalHydra.instance().config_loader()
    params = config.hydra.sweeper.get("params") or {}
    overrides = [renamed_override(f"{key}={value}") for key, value in params.items()]
    overrides += task_overrides(config.hydra)
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
    """``model.init=zeros optimizer=sgd``: the overrides that differ between the jobs."""
    names = " ".join(text for text in overrides if text.partition("=")[0] in swept)
    return re.sub(r"\\(.)", r"\1", names)  # without the escapes of Hydra's grammar


@final
class JobConfigs:
    """The configs of a multirun's jobs, as Hydra would compose them.

    Hydra takes half a second per config. So it composes one for each choice of groups, except
    for the choice of the multirun's own config, and plain values are set in copies of these. Hydra
    composes all jobs with other overrides (+, ++, ~, packages).
    """

    def __init__(self, config: DictConfig) -> None:
        self._config = config  # the multirun's, composed without the swept values
        self._loader = GlobalHydra.instance().config_loader()
        self._groups = set(self._loader.list_groups(""))
        self._bases: dict[tuple[str, ...], DictConfig] = {}
        self._tasks: dict[tuple[str, ...], DictConfig] = {}
        given = self._parse(task_overrides(config.hydra))
        if _order_is_free(given):
            self._bases[self._choices(given)] = config

    def compose(self, overrides: Sequence[str]) -> DictConfig:
        """The config of the job with these overrides, as Hydra composes it, including ``hydra``.

        Raises Hydra's errors.
        """
        parsed = self._parse(overrides)
        if not _order_is_free(parsed):
            return self._loader.load_sweep_config(self._config, list(overrides))
        composed = self._with_values(self._base(parsed), parsed)
        _describe(composed.hydra, parsed)
        return composed

    def compose_task(self, overrides: Sequence[str]) -> DictConfig:
        """The same without ``hydra``, in a quarter of the time."""
        parsed = self._parse(overrides)
        if not _order_is_free(parsed):
            return _task(self._loader.load_sweep_config(self._config, list(overrides)))
        choices = self._choices(parsed)
        if choices not in self._tasks:
            self._tasks[choices] = _task(self._base(parsed).copy())
        return self._with_values(self._tasks[choices], parsed)

    def _parse(self, overrides: Sequence[str]) -> list[Override]:
        parser = OverridesParser.create(config_loader=self._loader)
        return parser.parse_overrides(list(overrides))

    def _choices(self, overrides: Sequence[Override]) -> tuple[str, ...]:
        """The overrides that choose from a group; the others set plain values."""
        return tuple(str(o.input_line) for o in overrides if o.key_or_group in self._groups)

    def _base(self, overrides: Sequence[Override]) -> DictConfig:
        choices = self._choices(overrides)
        if choices not in self._bases:
            self._bases[choices] = self._loader.load_sweep_config(self._config, list(choices))
        return self._bases[choices]

    def _with_values(self, base: DictConfig, overrides: Sequence[Override]) -> DictConfig:
        config = base.copy()
        try:
            for override in overrides:
                if override.key_or_group not in self._groups:
                    OmegaConf.update(config, override.key_or_group, override.value())
        except OmegaConfBaseException:
            # Hydra's own error names the override, too.
            lines = [str(override.input_line) for override in overrides]
            self._loader.load_sweep_config(self._config, lines)
            raise
        return config


def _order_is_free(overrides: Sequence[Override]) -> bool:
    """Whether each only changes an existing key, so that their order does not matter."""
    return all(
        override.type is OverrideType.CHANGE and override.package is None for override in overrides
    )


def _task(config: DictConfig) -> DictConfig:
    with open_dict(config):
        del config["hydra"]
    return config


def _describe(hydra: DictConfig, overrides: Sequence[Override]) -> None:
    """Writes the overrides of a job where Hydra does."""
    hydra.overrides.task = [override.input_line for override in overrides]
    style = hydra.job.config.override_dirname
    hydra.job.override_dirname = get_overrides_dirname(
        overrides=list(overrides),
        kv_sep=style.kv_sep,
        item_sep=style.item_sep,
        exclude_keys=style.exclude_keys,
    )
