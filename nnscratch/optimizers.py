"""Optimizers: one step on the flat parameter vector, given the flat gradient vector.

A moment is one vector and ``t`` counts steps once for all parameters, so the
classic mistake of a step counter per tensor cannot be written.
"""

from abc import ABC, abstractmethod
from typing import final

import numpy as np

from nnscratch import schedules
from nnscratch.schedules import Schedule
from nnscratch.typing import FloatArray


class Optimizer(ABC):
    """Moves ``parameters`` against ``gradients``, in place.

    ``learning_rate`` is a positive number or a schedule ``step -> learning rate``.
    """

    def __init__(self, learning_rate: float | Schedule) -> None:
        self.schedule: Schedule = (
            learning_rate if callable(learning_rate) else schedules.constant(learning_rate)
        )
        self.t = 0  # steps taken

    @property
    def learning_rate(self) -> float:
        """The rate of the latest step (before the first: of the first)."""
        return self.schedule(max(self.t, 1))

    @final
    def step(self, parameters: FloatArray, gradients: FloatArray) -> None:
        """One update of ``parameters``. Both arguments are flat vectors of one length."""
        if self.t == 0:
            self._allocate(parameters)
        self.t += 1
        self._update(parameters, gradients, self.learning_rate)

    @abstractmethod
    def _allocate(self, parameters: FloatArray) -> None:
        """Makes the moments (zero) and scratch vectors, shaped like ``parameters``."""

    @abstractmethod
    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        """The update rule."""


@final
class SGD(Optimizer):
    """θ ← θ − η g."""

    def __init__(self, *, learning_rate: float | Schedule = 0.01) -> None:
        super().__init__(learning_rate)

    def _allocate(self, parameters: FloatArray) -> None:
        self._step = np.empty_like(parameters)

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        parameters -= np.multiply(gradients, learning_rate, out=self._step)


@final
class Adam(Optimizer):
    """Kingma & Ba 2015, algorithm 1: a step of about η in every coordinate, whatever its scale.

        m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
        v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
        θ ← θ − η m̂ / (√v̂ + ε)

    The code keeps M = m / (1 − β₁) and V = v / (1 − β₂), which saves a pass over the
    vector for each moment, and moves the two scalar corrections into η and ε
    (the paper's remark before section 2.1).
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise ValueError(f"{name} must lie in [0, 1), got {beta}")
        if not epsilon > 0:
            raise ValueError(f"epsilon must be positive, got {epsilon}")
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def _allocate(self, parameters: FloatArray) -> None:
        self._first = np.zeros_like(parameters)  # M
        self._second = np.zeros_like(parameters)  # V
        self._step = np.empty_like(parameters)

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        first, second, step = self._first, self._second, self._step
        first *= self.beta1
        first += gradients
        second *= self.beta2
        second += np.square(gradients, out=step)

        # m̂ = M·mean_scale and √v̂ = √V·root_scale
        mean_scale = (1 - self.beta1) / (1 - self.beta1**self.t)
        root_scale = ((1 - self.beta2) / (1 - self.beta2**self.t)) ** 0.5
        np.sqrt(second, out=step)
        step += self.epsilon / root_scale
        np.divide(first, step, out=step)
        step *= learning_rate * mean_scale / root_scale
        parameters -= step
