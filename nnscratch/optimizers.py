"""Optimizers: one step on the flat parameter vector, given the flat gradient vector.

A moment is one vector and ``t`` counts steps once for all parameters, so the
classic mistake of a step counter per tensor cannot be written.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeAlias, final

import numpy as np

from nnscratch import schedules
from nnscratch.flat_vector import zeros
from nnscratch.schedules import Schedule
from nnscratch.typing import BoolArray, FloatArray

Step: TypeAlias = Callable[[FloatArray, FloatArray], None]
"""What is done with ``(parameters, gradients)`` after each batch, in place."""


class Optimizer(ABC):
    """Moves ``parameters`` against ``gradients``, in place.

    ``learning_rate`` is a positive number or a schedule ``step -> learning rate``. What
    it remembers are ``t``, the steps taken, and ``moments``: vectors shaped like the
    parameters, by name. An optimizer belongs to one network.
    """

    def __init__(self, learning_rate: float | Schedule) -> None:
        self.schedule: Schedule = (
            learning_rate if callable(learning_rate) else schedules.constant(learning_rate)
        )
        self.t = 0
        self.moments: dict[str, FloatArray] = {}

    @property
    def learning_rate(self) -> float:
        """The rate of the latest step (before the first: of the first)."""
        return self.schedule(max(self.t, 1))

    @final
    def step(self, parameters: FloatArray, gradients: FloatArray) -> None:
        """One update of ``parameters``. Both arguments are flat vectors of one length."""
        if self.t == 0:
            self._allocate(parameters)
        if not parameters.shape == gradients.shape == self._scratch.shape:
            raise ValueError(
                f"parameters {parameters.shape} and gradients {gradients.shape} must have one "
                f"shape, and always the same: it was {self._scratch.shape} at the first step"
            )
        self.t += 1
        rate = self.learning_rate
        if not 0 <= rate < float("inf"):
            raise ValueError(f"the schedule gave the learning rate {rate} for step {self.t}")
        self._update(parameters, gradients, rate)

    @final
    def restore(self, t: int, moments: Mapping[str, FloatArray], parameters: FloatArray) -> None:
        """Goes on from ``t`` and a copy of ``moments``; ``ValueError`` if they don't fit."""
        self._allocate(parameters)
        for name in self.moment_names if t > 0 else ():
            if name not in moments or moments[name].shape != parameters.shape:
                raise ValueError(f"{type(self).__name__} needs the moment {name!r} of every weight")
            self.moments[name][:] = moments[name]
        self.t = t

    def _allocate(self, parameters: FloatArray) -> None:
        size, dtype = len(parameters), parameters.dtype
        self.moments = {name: zeros(size, dtype) for name in self.moment_names}
        self._scratch = zeros(size, dtype)

    @property
    @abstractmethod
    def moment_names(self) -> tuple[str, ...]:
        """What ``moments`` holds: each starts at 0."""

    @abstractmethod
    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        """The update rule."""


@final
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum μ if wanted.

    θ ← θ − η g                                      without momentum;
    v ← μ v + g,   θ ← θ − η v                       with: past gradients keep rolling;
    v ← μ v + g,   θ ← θ − η (g + μ v)               Nesterov's: one step ahead of v.

    η stands before v, not inside it, so that a schedule acts at once (as in PyTorch).
    Sutskever et al. 2013 has both.
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        _check_fraction("momentum", momentum)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov

    @property
    def moment_names(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        direction = self._roll(gradients) if self.momentum else gradients
        parameters -= np.multiply(direction, learning_rate, out=self._scratch)

    def _roll(self, gradients: FloatArray) -> FloatArray:
        velocity = self.moments["velocity"]
        velocity *= self.momentum
        velocity += gradients
        if not self.nesterov:
            return velocity
        ahead = np.multiply(velocity, self.momentum, out=self._scratch)
        ahead += gradients
        return ahead


@final
class RMSProp(Optimizer):
    """Tieleman & Hinton 2012: every coordinate is divided by the size of its recent gradients.

        v ← ρ v + (1 − ρ) g²
        θ ← θ − η g / (√v + ε)

    The code keeps V = v / (1 − ρ), which saves a pass over the vector, and moves the
    factor √(1 − ρ) into η and ε.
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        decay: float = 0.9,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        _check_fraction("decay", decay)
        _check_positive("epsilon", epsilon)
        self.decay, self.epsilon = decay, epsilon

    @property
    def moment_names(self) -> tuple[str, ...]:
        return ("second",)

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        second, step = self.moments["second"], self._scratch  # V
        second *= self.decay
        second += np.square(gradients, out=step)

        root_scale = (1 - self.decay) ** 0.5  # √v = √V·root_scale
        np.sqrt(second, out=step)
        step += self.epsilon / root_scale
        np.divide(gradients, step, out=step)
        step *= learning_rate / root_scale
        parameters -= step


class MomentEstimation(Optimizer):
    """What ``Adam`` and ``AdamW`` share: the two moments and the step along their ratio."""

    def __init__(
        self, learning_rate: float | Schedule, beta1: float, beta2: float, epsilon: float
    ) -> None:
        super().__init__(learning_rate)
        _check_fraction("beta1", beta1)
        _check_fraction("beta2", beta2)
        _check_positive("epsilon", epsilon)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    @property
    @final
    def moment_names(self) -> tuple[str, ...]:
        return ("first", "second")

    @final
    def _descend(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        """θ ← θ − η m̂ / (√v̂ + ε), as ``Adam`` has it.

        The code keeps M = m / (1 − β₁) and V = v / (1 − β₂), which saves a pass over the
        vector for each moment, and moves the two scalar corrections into η and ε
        (the paper's remark before section 2.1).
        """
        first, second, step = self.moments["first"], self.moments["second"], self._scratch
        first *= self.beta1
        first += gradients
        second *= self.beta2
        second += np.square(gradients, out=step)

        # m̂ = M·mean_scale and √v̂ = √V·root_scale
        mean_scale = (1 - self.beta1) / (1 - self.beta1**self.t)
        root_scale = ((1 - self.beta2) / (1 - self.beta2**self.t)) ** 0.5
        np.sqrt(second, out=step)
        step += self.epsilon / root_scale
        # η / (√v̂ + ε) first, times m̂ then: where a pixel stays dark, M fades through denormal
        # numbers, and dividing those takes twice the time: 4 % of a training step.
        np.divide(learning_rate * mean_scale / root_scale, step, out=step)
        step *= first
        parameters -= step


@final
class Adam(MomentEstimation):
    """Kingma & Ba 2015, algorithm 1: a step of about η in every coordinate, whatever its scale.

    m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
    v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
    θ ← θ − η m̂ / (√v̂ + ε)
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon)

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        self._descend(parameters, gradients, learning_rate)


@final
class AdamW(MomentEstimation):
    """Loshchilov & Hutter 2019: weights shrink by themselves, then Adam steps.

    θ ← θ − η λ θ   where ``decay_mask`` is True (everywhere if it is None),
    θ ← θ − η m̂ / (√v̂ + ε).

    Decay in the loss, as λθ inside g, would be divided by √v̂ with it: the weights of
    large gradients would decay least. Unless told otherwise, ``fit`` sets the mask to
    ``network.decay_mask``, which exempts biases and the scales and shifts of ``BatchNorm``.
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        decay_mask: BoolArray | None = None,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon)
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be 0 or a positive number, got {weight_decay}")
        self.weight_decay = weight_decay
        self.decay_mask = decay_mask

    @property
    def decay_mask(self) -> BoolArray | None:
        """Which parameters decay; None: all."""
        return self._decay_mask

    @decay_mask.setter
    def decay_mask(self, mask: BoolArray | None) -> None:
        self._decay_mask = mask
        self._decayed = [slice(None)] if mask is None else _runs(mask)

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        mask = self.decay_mask
        if mask is not None and mask.shape != parameters.shape:
            raise ValueError(f"decay_mask is for {len(mask)} of {len(parameters)} parameters")
        for part in self._decayed:
            parameters[part] *= 1 - learning_rate * self.weight_decay
        self._descend(parameters, gradients, learning_rate)


def _runs(mask: BoolArray) -> list[slice]:
    """Where ``mask`` is True without a gap: a few products in place, where a mask needs a copy."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2)]


def _check_fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value}")


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} must be positive and finite, got {value}")
