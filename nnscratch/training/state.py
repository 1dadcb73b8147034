"""The state of a training after an epoch."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnscratch.checks import check_finite
from nnscratch.typing import FloatArray

_MOMENT = "moment."
_START = ("init", "bias_init")  # of a layer: they don't matter once training has begun


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Everything that changes while a network trains: ``fit(…, resume=state)`` continues from it.

    ``vectors`` holds ``parameters``, ``statistics``, the ``average`` if there is one, and the
    optimizer's moments as ``moment.first``, …. If ``parameters`` are in float64 and the network
    in float32, the network rounds them. ``generators`` are the states of the random generators.

    Network, optimizer and ``settings`` must not change. ``epochs``, the learning rate and the
    seed may: what was drawn from the seed is in ``generators``.
    """

    epoch: int  # finished ones
    step: int  # of the optimizer
    averaged: int  # steps in the average
    vectors: Mapping[str, FloatArray]
    generators: Mapping[str, Any]
    network: Mapping[str, Any]  # its description
    optimizer: str
    settings: Mapping[str, Any]  # JSON values

    @property
    def moments(self) -> dict[str, FloatArray]:
        """The optimizer's moments, by the optimizer's names for them."""
        return {
            name.removeprefix(_MOMENT): vector
            for name, vector in self.vectors.items()
            if name.startswith(_MOMENT)
        }

    def check(self, start: "TrainingState", *, epochs: int, steps: int) -> None:
        """Raises ``ValueError`` unless a training, now at its ``start``, can continue from here.

        ``epochs``: how many it will have. ``steps``: how many each of them has.
        """
        if self.epoch > epochs:
            raise ValueError(f"this state is after epoch {self.epoch}, the training has {epochs}")
        mine, theirs = self._identity(), start._identity()
        for name in theirs | mine:
            if mine.get(name) != theirs.get(name):
                raise ValueError(
                    f"this is the state of another training: its {name} is {mine.get(name)}, "
                    f"not {theirs.get(name)}"
                )
        taken = self.epoch * steps
        if self.step < taken or self.averaged != ("average" in self.vectors) * taken:
            raise ValueError(
                f"this state counts {self.step} steps and {self.averaged} averaged ones, but "
                f"{self.epoch} epochs have {taken}"
            )
        for name, vector in self.vectors.items():
            check_finite(vector, name)

    def _identity(self) -> dict[str, Any]:
        """By name, everything that stays the same from the first epoch to the last."""
        network = dict(self.network)
        layers = {
            f"layer {i}": {name: value for name, value in layer.items() if name not in _START}
            for i, layer in enumerate(network.pop("layers"), start=1)
        }
        shapes = {
            f"shape of {name}": vector.shape
            for name, vector in self.vectors.items()
            if not name.startswith(_MOMENT)
        }
        generators = {"list of generators": sorted(self.generators)}
        return {
            **{"optimizer": self.optimizer, **self.settings},
            **{**network, **layers, **shapes, **generators},
        }


def settings_of(role: str, thing: object) -> dict[str, Any]:
    """Its type and numbers: ``{"loss": "MSELoss"}``, ``{…, "optimizer.momentum": 0.9}``."""
    found = {name: getattr(thing, name, None) for name in inspect.signature(type(thing)).parameters}
    return {role: type(thing).__name__} | {
        f"{role}.{name}": value
        for name, value in found.items()
        if isinstance(value, float | int) and name != "learning_rate"
    }
