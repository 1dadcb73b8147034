"""The swept factors as a reader thinks of them, from the config keys that differ."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.runs.ranking import Row

LEARNING_RATE = "optimizer.learning_rate"
_HIDDEN = "model.hidden"
_LONG = 7  # characters; longer numbers are rounded for the reader

Place = dict[str, str]
"""A group's level of every factor."""


@dataclass(frozen=True)
class Factor:
    """One thing that was varied. Its levels: numbers ascending, names by their best group."""

    name: str
    levels: tuple[str, ...]
    effect: float  # variance of the accuracy (0–1) between the levels

    @property
    def numeric(self) -> bool:
        return all(_number(level) is not None for level in self.levels)


def factors_of(rows: Sequence[Row]) -> tuple[list[Factor], list[Place]]:
    """The factors, strongest first, and the place of each row; the best row comes first."""
    places = _named(_merged_choices(_depth_and_width([dict(row.factors) for row in rows])))
    names = list(places[0])
    factors = [_factor(name, [place[name] for place in places], rows) for name in names]
    return sorted(factors, key=lambda factor: -factor.effect), places


def learning_rate(factors: Sequence[Factor]) -> Factor | None:
    """The factor for the learning rate, if it was swept."""
    return next((factor for factor in factors if factor.name == _reading(LEARNING_RATE)), None)


def _factor(name: str, levels: Sequence[str], rows: Sequence[Row]) -> Factor:
    accuracies: dict[str, list[float]] = {level: [] for level in levels}
    for level, row in zip(levels, rows, strict=True):
        if row.val_accuracy is not None:
            accuracies[level].append(row.val_accuracy)
    means = [statistics.fmean(known) for known in accuracies.values() if known]
    effect = statistics.pvariance(means) if means else 0.0
    ordered = Factor(name, tuple(accuracies), effect)
    if ordered.numeric:
        ordered = replace(ordered, levels=tuple(sorted(ordered.levels, key=float)))
    return ordered


def _depth_and_width(places: list[Place]) -> list[Place]:
    """Splits ``model.hidden`` if each network has layers of one width, and they are a full grid."""
    shapes = [ast.literal_eval(place.get(_HIDDEN, "[]")) for place in places]
    if not all(shape and len(set(shape)) == 1 for shape in shapes):
        return places
    depths, widths = {len(shape) for shape in shapes}, {shape[0] for shape in shapes}
    full = len({tuple(shape) for shape in shapes}) == len(depths) * len(widths)
    if not full or 1 in (len(depths), len(widths)):
        return places
    others = [{key: place[key] for key in place if key != _HIDDEN} for place in places]
    return [
        {"hidden layers": str(len(shape)), "units per layer": str(shape[0]), **other}
        for shape, other in zip(shapes, others, strict=True)
    ]


def _merged_choices(places: list[Place]) -> list[Place]:
    """Makes a key that only some choices of a group have a part of the choice.

    ``loss.name`` and ``loss.output``: ``mse, linear``, since no cross-entropy is linear. The
    learning rate, and a key that is varied for every choice, remain factors of their own.
    """
    for name in [key for key in places[0] if key.endswith(".name")]:
        group = name.removesuffix("name")
        parts = [
            key
            for key in places[0]
            if key.startswith(group)
            and key not in (name, LEARNING_RATE)
            and not _crossed(name, key, places)
        ]
        places = [_merge(place, name, parts, places) for place in places]
    return places


def _crossed(name: str, key: str, places: Sequence[Place]) -> bool:
    pairs = {(place[name], place[key]) for place in places}
    return len(pairs) == len({pair[0] for pair in pairs}) * len({pair[1] for pair in pairs})


def _merge(place: Place, name: str, parts: Sequence[str], places: Sequence[Place]) -> Place:
    siblings = [other for other in places if other[name] == place[name]]
    varied = [key for key in parts if len({other[key] for other in siblings}) > 1]
    details = [_detail(key, place[key]) for key in varied]
    merged = {key: level for key, level in place.items() if key not in parts}
    return {**merged, name: ", ".join([place[name], *details])}


def _detail(key: str, value: str) -> str:
    named = _number(value) is not None or value in ("True", "False", "None")
    return f"{_reading(key)} {value}" if named else value


def _named(places: Sequence[Place]) -> list[Place]:
    """The places with factors and levels as the reader sees them."""
    readings = {key: _reading(key) for key in places[0]}
    if len(set(readings.values())) < len(readings):
        readings = {key: key for key in places[0]}
    levels = {key: _levels({place[key] for place in places}) for key in places[0]}
    return [{readings[key]: levels[key][value] for key, value in place.items()} for place in places]


def _levels(values: set[str]) -> dict[str, str]:
    """``128-64`` for [128, 64], and 0.00794 for 0.007943282347 if all levels stay different."""
    short = {value: _level(value) for value in values}
    return short if len(set(short.values())) == len(short) else {value: value for value in values}


def _reading(key: str) -> str:
    """``optimizer`` for optimizer.name, ``learning rate`` for optimizer.learning_rate."""
    group, _, last = key.rpartition(".")
    return group if last == "name" else last.replace("_", " ")


def _level(value: str) -> str:
    if value.startswith("["):
        return "-".join(map(str, ast.literal_eval(value))) or "none"
    number = _number(value)
    return value if number is None or len(value) <= _LONG else f"{number:.3g}"


def _number(level: str) -> float | None:
    try:
        return float(level)
    except ValueError:
        return None
