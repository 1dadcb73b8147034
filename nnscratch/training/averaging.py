"""Weight averaging: predict with the mean of many steps, continue training with the last."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import final

import numpy as np

from nnscratch.checks import check_fraction
from nnscratch.typing import FloatArray


class Average(ABC):
    """What training does with the weights after each step and between its epochs."""

    t = 0  # steps in the average

    @abstractmethod
    def update(self, parameters: FloatArray) -> None:
        """Takes in the weights after an optimizer's step."""

    @abstractmethod
    def show(self, parameters: FloatArray) -> None:
        """After an epoch: the network holds the mean."""

    @abstractmethod
    def hide(self, parameters: FloatArray) -> None:
        """Before an epoch: the network holds the weights that training continues with."""

    @abstractmethod
    def vectors(self, parameters: FloatArray) -> Mapping[str, FloatArray]:
        """What a ``TrainingState`` stores."""

    @abstractmethod
    def restore(self, t: int, vectors: Mapping[str, FloatArray]) -> None:
        """Continues from ``t`` and ``vectors``; ``show`` comes next."""


@final
class NoAverage(Average):
    """The network holds the weights of the last step."""

    def update(self, parameters: FloatArray) -> None: ...

    def show(self, parameters: FloatArray) -> None: ...

    def hide(self, parameters: FloatArray) -> None: ...

    def vectors(self, parameters: FloatArray) -> Mapping[str, FloatArray]:
        return {"parameters": parameters}

    def restore(self, t: int, vectors: Mapping[str, FloatArray]) -> None: ...


@final
class WeightAverage(Average):
    """The exponential moving average of the weights, with Adam's correction of its start.

        a ← d a + (1 − d) θ,   mean = a / (1 − dᵗ),   a = 0 at t = 0,

    so each step weighs d times as much as the next one, and the initial weights have no
    weight. In one recursion: mean ← mean + c (θ − mean) with c = (1 − d) / (1 − dᵗ).

    Between epochs the network holds the mean, to be evaluated and saved. The running statistics
    of a ``BatchNorm`` are not averaged. They describe the trained weights; for the mean they are
    nearly right once the weights move little.
    Raises ``ValueError`` unless 0 ≤ d < 1.
    """

    def __init__(self, parameters: FloatArray, decay: float) -> None:
        check_fraction("ema_decay", decay)
        self.decay = decay
        self.mean = parameters.copy()
        self.trained = parameters.copy()  # training continues with these while the mean is shown
        self._step = np.empty_like(parameters)

    def update(self, parameters: FloatArray) -> None:
        self.t += 1
        np.subtract(parameters, self.mean, out=self._step)
        self._step *= (1 - self.decay) / (1 - self.decay**self.t)
        self.mean += self._step

    def show(self, parameters: FloatArray) -> None:
        self.trained[:] = parameters
        parameters[:] = self.mean

    def hide(self, parameters: FloatArray) -> None:
        if self.t > 0:  # else nothing was ever shown
            parameters[:] = self.trained

    def vectors(self, parameters: FloatArray) -> Mapping[str, FloatArray]:
        return {"parameters": self.trained, "average": self.mean}

    def restore(self, t: int, vectors: Mapping[str, FloatArray]) -> None:
        self.t, self.mean[:] = t, vectors["average"]
