"""Weight averaging: predict with the mean of many steps, train on with the last."""

from typing import final

import numpy as np

from nnscratch.typing import FloatArray


@final
class WeightAverage:
    """The exponential moving average of the weights, with Adam's correction of its start.

        a ← d a + (1 − d) θ,   mean = a / (1 − dᵗ),   a = 0 at t = 0,

    so each step weighs d times as much as the next one, and the initial weights
    nothing. In one recursion: mean ← mean + c (θ − mean) with c = (1 − d) / (1 − dᵗ).

    Between epochs the network holds the mean (``show``), to be evaluated and saved;
    ``hide`` gives it back the weights that training goes on with. The running statistics of
    a ``BatchNorm`` are not averaged: they stay those of the inputs that the trained weights
    made, which are near those of the mean once the weights move little.
    Raises ``ValueError`` unless 0 ≤ d < 1.
    """

    def __init__(self, parameters: FloatArray, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"ema_decay must lie in [0, 1), got {decay}")
        self.decay, self.t = decay, 0
        self.mean = parameters.copy()
        self.trained = parameters.copy()  # what training goes on with, while the mean is shown
        self._step = np.empty_like(parameters)

    def update(self, parameters: FloatArray, gradients: FloatArray) -> None:
        """Takes in the weights after an optimizer's step."""
        self.t += 1
        np.subtract(parameters, self.mean, out=self._step)
        self._step *= (1 - self.decay) / (1 - self.decay**self.t)
        self.mean += self._step

    def show(self, parameters: FloatArray) -> None:
        """Puts the mean in the place of the weights, and keeps these."""
        self.trained[:] = parameters
        parameters[:] = self.mean

    def hide(self, parameters: FloatArray) -> None:
        """Puts the kept weights back."""
        parameters[:] = self.trained
