"""The search space: which keys vary, over which values, and under which condition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from experiments.config.validation import validate
from experiments.errors import ConfigError
from experiments.runs.renamed import KEYS

if TYPE_CHECKING:
    from optuna import Trial

Compose = Callable[[Sequence[str]], DictConfig]
"""Composes the config of one training from overrides, which are added to the fixed ones."""


@dataclass(frozen=True)
class Dimension:
    """One key of the config and its values, each as the text that is typed."""

    key: str
    choices: tuple[str, ...]  # empty: a range
    low: float
    high: float
    step: float | None
    log: bool
    when: Mapping[str, tuple[str, ...]]  # earlier keys, and the values that this one needs
    whole: bool = False  # a range of whole numbers

    @property
    def extremes(self) -> tuple[str, ...]:
        """All choices, or both ends of the range."""
        return self.choices or (repr(self.low), repr(self.high))

    def applies(self, chosen: Mapping[str, str]) -> bool:
        """Whether the values chosen so far meet the condition."""
        return all(chosen.get(key) in allowed for key, allowed in self.when.items())

    def suggest(self, trial: Trial) -> str:
        """The value that the sampler chooses."""
        if self.choices:
            return trial.suggest_categorical(self.key, self.choices)
        if self.whole:
            low, high, step = int(self.low), int(self.high), int(self.step or 1)
            return repr(trial.suggest_int(self.key, low, high, step=step, log=self.log))
        range_ = (self.key, self.low, self.high)
        return repr(trial.suggest_float(*range_, step=self.step, log=self.log))


class Space:
    """All dimensions, in the order in which they are chosen. Raises ``ConfigError``.

    ``settings`` is the node ``search.space``; ``fixed`` are the keys that the user has set, which
    are not searched. With ``compose``, every choice and both ends of every range are checked
    together with all other keys.
    """

    def __init__(self, settings: DictConfig, fixed: Collection[str], compose: Compose) -> None:
        entries = {str(key): entry for key, entry in settings.items() if _now(key) not in fixed}
        if not entries:
            raise ConfigError("search.space", "{}", "every key is fixed: none is left to search")
        self._given: dict[str, str] = {}  # conditions on keys that are not searched
        self._dimensions = [_dimension(key, entry) for key, entry in entries.items()]
        base = compose([])
        for position, dimension in enumerate(self._dimensions):
            earlier = {other.key: other for other in self._dimensions[:position]}
            for key, allowed in dimension.when.items():
                if key not in earlier:
                    self._given[key] = _given(dimension, key, base, entries)
                elif not {*allowed} <= {*earlier[key].choices}:
                    place = f"search.space.{dimension.key}.when.{key}"
                    choices = f"{key} is one of {', '.join(earlier[key].choices)}"
                    raise ConfigError(place, ", ".join(allowed), choices)
        self._dimensions = [d for d in self._dimensions if self._reachable(d)]
        for chosen in self._probes():
            composed = compose(_overrides(chosen))
            validate(composed)
            self._dimensions = [_typed(d, chosen, composed) for d in self._dimensions]

    def suggest(self, trial: Trial) -> list[str]:
        """The overrides of one trial."""
        chosen: dict[str, str] = {}
        for dimension in self._dimensions:
            if dimension.applies({**self._given, **chosen}):
                chosen[dimension.key] = dimension.suggest(trial)
        return _overrides(chosen)

    def describe(self) -> list[list[Any]]:
        """For JSON: what the name of a study is made from."""
        return [
            [d.key, d.choices or [d.low, d.high, d.step, d.log], sorted(d.when.items())]
            for d in self._dimensions
        ]

    @property
    def logarithmic(self) -> list[str]:
        """The keys with a logarithmic range."""
        return [dimension.key for dimension in self._dimensions if dimension.log]

    def _reachable(self, dimension: Dimension) -> bool:
        """False if a condition on a fixed key is not met."""
        return all(
            self._given[key] in allowed
            for key, allowed in dimension.when.items()
            if key in self._given
        )

    def _probes(self) -> Iterator[dict[str, str]]:
        """A few points of the space, in which every extreme occurs at least once."""
        missing = [(d.key, text) for d in self._dimensions for text in d.extremes]
        while missing:
            chosen = self._probe(dict([missing[0]]), missing)
            yield chosen
            missing = [
                (key, text) for key, text in missing[1:] if chosen.get(key) != text
            ]  # the first was probed, or can never be chosen

    def _probe(self, wanted: dict[str, str], missing: list[tuple[str, str]]) -> dict[str, str]:
        """A point with the ``wanted`` values, and with ``missing`` ones wherever possible."""
        for dimension in reversed(self._dimensions):
            if dimension.key in wanted:
                wanted |= {key: allowed[0] for key, allowed in dimension.when.items()}
        chosen: dict[str, str] = {}
        for dimension in self._dimensions:
            if dimension.applies({**self._given, **chosen}):
                key = dimension.key
                untried = [text for at, text in missing if at == key]
                chosen[key] = wanted.get(key, (untried or dimension.extremes)[0])
        return chosen


def _dimension(key: str, entry: DictConfig) -> Dimension:
    """One entry of ``search.space``, checked without the others."""
    place = f"search.space.{key}"
    if key.partition(".")[0] in ("tracking", "resume", "hydra", "search", "sweep", "launcher"):
        raise ConfigError(place, entry, "only a key that decides the result can be searched")
    choices, low, high, step = entry.choices, entry.low, entry.high, entry.step
    when = {str(other): _texts(values) for other, values in entry.when.items()}
    if choices is not None:
        if not choices or low is not None or high is not None or step is not None or entry.log:
            allowed = "expected either choices, at least one, or low and high"
            raise ConfigError(place, _text(choices), allowed)
        return Dimension(key, _texts(choices), 0, 0, None, False, when)
    for name, value in (("low", low), ("high", high), ("step", step)):
        optional = name == "step" and value is None
        if not optional and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ConfigError(f"{place}.{name}", value, "expected a number, or choices instead")
    if not low < high:
        raise ConfigError(f"{place}.high", high, f"must be more than low, which is {low}")
    if entry.log and (low <= 0 or step is not None):
        raise ConfigError(f"{place}.log", True, "needs low above 0, and no step")
    if step is not None and not 0 < step <= high - low:
        raise ConfigError(f"{place}.step", step, f"must lie between 0 and {high - low}")
    return Dimension(key, (), low, high, step, entry.log, when)


def _typed(dimension: Dimension, chosen: Mapping[str, str], composed: DictConfig) -> Dimension:
    """With the number type of its key in the schema."""
    if dimension.key not in chosen or dimension.choices:
        return dimension
    return replace(
        dimension, whole=isinstance(OmegaConf.select(composed, _now(dimension.key)), int)
    )


def _given(dimension: Dimension, key: str, base: DictConfig, entries: Collection[str]) -> str:
    """The value of a condition's key in the config; for a group, its choice."""
    place, wanted = f"search.space.{dimension.key}.when.{key}", ", ".join(dimension.when[key])
    if key in entries:
        raise ConfigError(place, wanted, f"{key} must stand above {dimension.key} in the space")
    value = OmegaConf.select(base, _now(key))
    if value is None:
        raise ConfigError(place, wanted, f"the config has no {key}")
    return value.name if isinstance(value, DictConfig) else _text(value)


def _now(key: object) -> str:
    """The present name of a key; a study keeps the names that it began with."""
    return KEYS.get(str(key), str(key))


def _overrides(chosen: Mapping[str, str]) -> list[str]:
    return [f"{_now(key)}={text}" for key, text in chosen.items()]


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(map(_text, values if isinstance(values, ListConfig) else [values]))


def _text(value: Any) -> str:
    """A YAML value as it is typed in an override."""
    if isinstance(value, ListConfig):
        return f"[{','.join(map(_text, value))}]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)
