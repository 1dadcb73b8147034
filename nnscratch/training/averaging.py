"""Weight averaging: predict with the mean of many steps, continue training with the last."""

from typing import final

import numpy as np

from nnscratch.checks import check_fraction
from nnscratch.typing import FloatArray


@final
class WeightAverage:
    """The exponential moving average of the weights, with Adam's correction of its start.

        a ← d a + (1 − d) θ,   mean = a / (1 − dᵗ),   a = 0 at t = 0,

    so each step weighs d times as much as the next one, and the initial weights have no
    weight. In one recursion: mean ← mean + c (θ − mean) with c = (1 − d) / (1 − dᵗ).

    Between epochs the network holds the mean (``show``), to be evaluated and saved; before an
    epoch it gets back the weights that training continues with (``hide``). The running
    statistics of a ``BatchNorm`` are not averaged. While the weights change slowly, they fit the
    mean of the weights nearly as well.
    """

    def __init__(self, parameters: FloatArray, decay: float) -> None:
        check_fraction("ema_decay", decay)
        self.decay, self.t = decay, 0
        self.mean = parameters.copy()
        self.trained = parameters.copy()  # training continues with these while the mean is shown
        self._step = np.empty_like(parameters)

    @property
    def vectors(self) -> dict[str, FloatArray]:
        """What a ``TrainingState`` stores."""
        return {"parameters": self.trained, "average": self.mean}

    def update(self, parameters: FloatArray) -> None:
        """Takes in the weights after an optimizer's step."""
        self.t += 1
        np.subtract(parameters, self.mean, out=self._step)
        self._step *= (1 - self.decay) / (1 - self.decay**self.t)
        self.mean += self._step

    def show(self, parameters: FloatArray) -> None:
        """Stores the weights, and replaces them by the mean."""
        self.trained[:] = parameters
        parameters[:] = self.mean

    def hide(self, parameters: FloatArray) -> None:
        """Puts the stored weights back; before the first step there are none."""
        if self.t > 0:
            parameters[:] = self.trained


@final
class NoAverage:
    """In place of a ``WeightAverage``: the network always holds the weights of the last step."""

    def __init__(self) -> None:
        self.t, self.vectors = 0, dict[str, FloatArray]()

    def update(self, parameters: FloatArray) -> None:
        """Nothing to do, as in the other methods."""

    show = hide = update
