"""Where a training stands after an epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.typing import FloatArray

_MOMENT = "moment."


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that changes while a network trains: ``fit(…, resume=state)`` goes on from here.

    ``vectors`` are flat and shaped like the parameters (but for ``statistics``):
    ``parameters``, the ``average`` if there is one, and the optimizer's moments as
    ``moment.first``, …. ``generators`` holds the state of each random generator.
    """

    epoch: int  # finished ones
    step: int  # of the optimizer
    averaged: int  # steps in the average
    vectors: Mapping[str, FloatArray]
    generators: Mapping[str, Any]
    network: Mapping[str, Any]  # its description
    optimizer: str

    @property
    def moments(self) -> dict[str, FloatArray]:
        """The optimizer's, by the names it has for them."""
        return {
            name.removeprefix(_MOMENT): vector
            for name, vector in self.vectors.items()
            if name.startswith(_MOMENT)
        }

    def check(self, network: Network, optimizer: Optimizer, *, averaging: bool) -> None:
        """Raises ``ValueError`` if this is the state of another kind of training."""
        for what, mine, theirs in (
            ("layers", self.network, network.description()),
            ("optimizer", self.optimizer, type(optimizer).__name__),
            ("averaging of weights", "average" in self.vectors, averaging),
        ):
            if mine != theirs:
                raise ValueError(
                    f"this is the state of another training: the {what} differ, {mine} != {theirs}"
                )
