"""The search space: which keys vary, between what, and under which condition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from experiments.config.validation import validate
from experiments.errors import ConfigError

if TYPE_CHECKING:
    from optuna import Trial

Compose = Callable[[Sequence[str]], DictConfig]
"""The config of one training from the overrides that are added to what is fixed."""


@dataclass(frozen=True)
class Dimension:
    """One key of the config and what it may be, each value as the text that one types."""

    key: str
    choices: tuple[str, ...]  # none: a range
    low: float
    high: float
    step: float | None
    log: bool
    when: Mapping[str, tuple[str, ...]]  # earlier keys and the values under which this one is used
    whole: bool = False  # whether the range is one of whole numbers

    @property
    def extremes(self) -> tuple[str, ...]:
        """All choices, or both ends of the range."""
        return self.choices or (repr(self.low), repr(self.high))

    def applies(self, chosen: Mapping[str, str]) -> bool:
        """Whether what is chosen already meets the condition."""
        return all(chosen.get(key) in allowed for key, allowed in self.when.items())

    def suggest(self, trial: Trial) -> str:
        """What the sampler chooses."""
        if self.choices:
            return trial.suggest_categorical(self.key, self.choices)
        if self.whole:
            low, high, step = int(self.low), int(self.high), int(self.step or 1)
            return repr(trial.suggest_int(self.key, low, high, step=step, log=self.log))
        range_ = (self.key, self.low, self.high)
        return repr(trial.suggest_float(*range_, step=self.step, log=self.log))


class Space:
    """All dimensions, in the order in which they are chosen. Raises ``ConfigError``.

    ``settings`` is the node ``search.space``, ``fixed`` the keys that leave it because
    somebody has set them, ``compose`` what makes a config of overrides: with it every
    choice and both ends of every range are checked, in the company of all other keys.
    """

    def __init__(self, settings: DictConfig, fixed: Collection[str], compose: Compose) -> None:
        entries = {str(key): entry for key, entry in settings.items() if key not in fixed}
        if not entries:
            raise ConfigError("search.space", "{}", "nothing is left to search for")
        self._given: dict[str, str] = {}  # the conditions' keys that are not searched for
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
        """What the name of a study is made from, for JSON."""
        return [
            [d.key, d.choices or [d.low, d.high, d.step, d.log], sorted(d.when.items())]
            for d in self._dimensions
        ]

    @property
    def logarithmic(self) -> list[str]:
        """The keys whose ranges are searched on a logarithmic scale."""
        return [dimension.key for dimension in self._dimensions if dimension.log]

    def _reachable(self, dimension: Dimension) -> bool:
        """False if a condition on what is fixed can never be met."""
        return all(
            self._given[key] in allowed
            for key, allowed in dimension.when.items()
            if key in self._given
        )

    def _probes(self) -> Iterator[dict[str, str]]:
        """Few choices of the whole space in which every extreme occurs once at least."""
        missing = [(d.key, text) for d in self._dimensions for text in d.extremes]
        while missing:
            chosen = self._probe(dict([missing[0]]), missing)
            yield chosen
            missing = [
                (key, text) for key, text in missing[1:] if chosen.get(key) != text
            ]  # the first was probed, or no choice leads to it

    def _probe(self, wanted: dict[str, str], missing: list[tuple[str, str]]) -> dict[str, str]:
        """The choice that has what is wanted, and what is still missing wherever it can."""
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
    """One entry of ``search.space``, checked as far as it can be by itself."""
    place = f"search.space.{key}"
    if key.partition(".")[0] in ("tracking", "resume", "hydra", "search", "sweep", "launcher"):
        raise ConfigError(place, entry, "only what decides the result can be searched for")
    choices, low, high, step = entry.choices, entry.low, entry.high, entry.step
    when = {str(other): _texts(values) for other, values in entry.when.items()}
    if choices is not None:
        if not choices or low is not None or high is not None or step is not None or entry.log:
            raise ConfigError(place, _text(choices), "either choices, one or more, or low and high")
        return Dimension(key, _texts(choices), 0, 0, None, False, when)
    for name, value in (("low", low), ("high", high), ("step", step)):
        optional = name == "step" and value is None
        if not optional and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ConfigError(f"{place}.{name}", value, "expected a number; or name choices")
    if not low < high:
        raise ConfigError(f"{place}.high", high, f"must be more than low, which is {low}")
    if entry.log and (low <= 0 or step is not None):
        raise ConfigError(f"{place}.log", True, "needs a low above 0, and no step")
    if step is not None and not 0 < step <= high - low:
        raise ConfigError(f"{place}.step", step, f"must lie between 0 and {high - low}")
    return Dimension(key, (), low, high, step, entry.log, when)


def _typed(dimension: Dimension, chosen: Mapping[str, str], composed: DictConfig) -> Dimension:
    """With the kind of number that the schema has for its key."""
    if dimension.key not in chosen or dimension.choices:
        return dimension
    return replace(dimension, whole=isinstance(OmegaConf.select(composed, dimension.key), int))


def _given(dimension: Dimension, key: str, base: DictConfig, entries: Collection[str]) -> str:
    """What the config has for the key of a condition; for a group, which choice."""
    place, wanted = f"search.space.{dimension.key}.when.{key}", ", ".join(dimension.when[key])
    if key in entries:
        raise ConfigError(place, wanted, f"{key} must stand above {dimension.key} in the space")
    value = OmegaConf.select(base, key)
    if value is None:
        raise ConfigError(place, wanted, f"the config has no {key}")
    return value.name if isinstance(value, DictConfig) else _text(value)


def _overrides(chosen: Mapping[str, str]) -> list[str]:
    return [f"{key}={text}" for key, text in chosen.items()]


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(map(_text, values if isinstance(values, ListConfig) else [values]))


def _text(value: Any) -> str:
    """A value of YAML as one types it in an override."""
    if isinstance(value, ListConfig):
        return f"[{','.join(map(_text, value))}]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)
