"""Optimizers: one step on the flat parameter vector, given the flat gradient vector.

A moment is one vector, and ``t`` counts the steps once for all parameters: a step counter per
tensor, a classic mistake, cannot occur.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np

from nnscratch import schedules
from nnscratch.checks import check_fraction, check_not_negative, check_positive
from nnscratch.flat_vector import zeros
from nnscratch.schedules import Schedule
from nnscratch.typing import BoolArray, FloatArray

SECOND = "second"  # the moment that sums squares of gradients


class Optimizer(ABC):
    """Moves ``parameters`` against ``gradients``, in place.

    The memory of an optimizer is ``t``, the number of steps taken, and ``moments``: vectors shaped
    like the parameters, by name. An optimizer belongs to one network.

        SGD(learning_rate=0.1).step(network.parameters, network.gradients)  # without fit
    """

    def __init__(self, learning_rate: float | Schedule, moment_names: Sequence[str] = ()) -> None:
        self.moment_names = moment_names
        self.schedule: Schedule = (
            learning_rate if callable(learning_rate) else schedules.constant(learning_rate)
        )
        self.t = 0
        self.moments: dict[str, FloatArray] = {}
        self.decay_mask: BoolArray | None = None
        self._scratch = zeros(0, np.float32)

    @property
    def learning_rate(self) -> float:
        """The rate of the latest step (before the first step: the rate of the first)."""
        return self.schedule(max(self.t, 1))

    @final
    def begin(self, parameters: FloatArray, decay_mask: BoolArray | None = None) -> None:
        """Allocates the moments, all 0. After the first step it changes nothing.

        ``decay_mask`` says which parameters decay, for an optimizer that has weight decay and
        no mask of its own. Without ``fit``, the first ``step`` begins.
        """
        if self.t > 0:
            return
        self.decay_mask = decay_mask if self.decay_mask is None else self.decay_mask
        self._decayed = [slice(None)] if self.decay_mask is None else _runs(self.decay_mask)
        if self.decay_mask is not None and self.decay_mask.shape != parameters.shape:
            raise ValueError(
                f"decay_mask is for {len(self.decay_mask)} of {len(parameters)} parameters"
            )
        size, dtype = len(parameters), parameters.dtype
        self.moments = {name: zeros(size, dtype) for name in self.moment_names}
        self._scratch = zeros(size, dtype)

    @final
    def restore(self, t: int, moments: Mapping[str, FloatArray], parameters: FloatArray) -> None:
        """Continues after ``t`` steps with a copy of ``moments``."""
        self.t = 0
        self.begin(parameters)
        for name in self.moment_names if t > 0 else ():
            if name not in moments or moments[name].shape != parameters.shape:
                raise ValueError(f"{type(self).__name__} needs the moment {name!r} of every weight")
            if name == SECOND and np.any(moments[name] < 0):
                raise ValueError(f"the moment {name!r} sums squares and can't be negative")
            self.moments[name][:] = moments[name]
        self.t = t

    @final
    def step(self, parameters: FloatArray, gradients: FloatArray) -> None:
        """One update of ``parameters``."""
        if not parameters.shape == gradients.shape == self._scratch.shape:
            self._begin_alone(parameters, gradients)
        self.t += 1
        rate = self.learning_rate
        if not 0 <= rate < float("inf"):
            raise ValueError(f"the schedule gave the learning rate {rate} for step {self.t}")
        self._update(parameters, gradients, rate)

    def _begin_alone(self, parameters: FloatArray, gradients: FloatArray) -> None:
        """What the first step does without ``fit``; later shapes must be those of the first."""
        if self.t > 0 or parameters.shape != gradients.shape:
            raise ValueError(
                f"parameters {parameters.shape} and gradients {gradients.shape} must have one "
                f"shape, the same at every step; the moments are for {self._scratch.shape}"
            )
        self.begin(parameters)

    @abstractmethod
    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        """The update rule."""


@final
class SGD(Optimizer):
    """Stochastic gradient descent, with or without momentum μ.

    θ ← θ − η g                                      without momentum;
    v ← μ v + g,   θ ← θ − η v                       with momentum: v sums past gradients;
    v ← μ v + g,   θ ← θ − η (g + μ v)               Nesterov's: one step ahead of v.

    η multiplies v and is not part of it, so that a schedule acts at once (as in PyTorch).
    Sutskever et al. 2013 describes both.
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate, ["velocity"] if momentum else [])
        check_fraction("momentum", momentum)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        direction = self._with_momentum(gradients) if self.momentum else gradients
        parameters -= np.multiply(direction, learning_rate, out=self._scratch)

    def _with_momentum(self, gradients: FloatArray) -> FloatArray:
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
    """Tieleman & Hinton 2012: each gradient is divided by the size of its recent values.

        v ← ρ v + (1 − ρ) g²
        θ ← θ − η g / (√v + ε)

    The code stores V = v / (1 − ρ), which saves a pass over the vector, and moves the
    factor √(1 − ρ) into η and ε.
    """

    def __init__(
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        decay: float = 0.9,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate, [SECOND])
        check_fraction("decay", decay)
        check_positive("epsilon", epsilon)
        self.decay, self.epsilon = decay, epsilon

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        second, step = self.moments[SECOND], self._scratch  # V
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
        self,
        *,
        learning_rate: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate, ["first", SECOND])
        check_fraction("beta1", beta1)
        check_fraction("beta2", beta2)
        check_positive("epsilon", epsilon)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    @final
    def _descend(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        """θ ← θ − η m̂ / (√v̂ + ε), as in ``Adam``.

        The code stores M = m / (1 − β₁) and V = v / (1 − β₂), which saves a pass over the
        vector for each moment, and moves the two scalar corrections into η and ε
        (the paper's remark before section 2.1).
        """
        first, second, step = self.moments["first"], self.moments[SECOND], self._scratch
        first *= self.beta1
        first += gradients
        second *= self.beta2
        second += np.square(gradients, out=step)

        # m̂ = M·mean_scale and √v̂ = √V·root_scale
        mean_scale = (1 - self.beta1) / (1 - self.beta1**self.t)
        root_scale = ((1 - self.beta2) / (1 - self.beta2**self.t)) ** 0.5
        np.sqrt(second, out=step)
        step += self.epsilon / root_scale
        # First η / (√v̂ + ε), then times m̂: where a pixel stays dark, M fades through denormal
        # numbers, and to divide them takes twice the time: 4 % of a training step.
        np.divide(learning_rate * mean_scale / root_scale, step, out=step)
        step *= first
        parameters -= step


@final
class Adam(MomentEstimation):
    """Kingma & Ba 2015, algorithm 1: a step of about η in every coordinate, for any scale.

    m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
    v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
    θ ← θ − η m̂ / (√v̂ + ε)
    """

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        self._descend(parameters, gradients, learning_rate)


@final
class AdamW(MomentEstimation):
    """Loshchilov & Hutter 2019: first the weights shrink, then Adam steps.

    θ ← θ − η λ θ   where ``decay_mask`` is True (everywhere if it is None),
    θ ← θ − η m̂ / (√v̂ + ε).

    A penalty in the loss would add λθ to g, and √v̂ would divide it too: weights with large
    gradients would decay least. Without a mask of its own, the optimizer takes
    ``network.decay_mask`` from ``fit``: only weights decay.
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
        super().__init__(learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
        check_not_negative("weight_decay", weight_decay)
        self.weight_decay, self.decay_mask = weight_decay, decay_mask

    def _update(self, parameters: FloatArray, gradients: FloatArray, learning_rate: float) -> None:
        for part in self._decayed:
            parameters[part] *= 1 - learning_rate * self.weight_decay
        self._descend(parameters, gradients, learning_rate)


def _runs(mask: BoolArray) -> list[slice]:
    """The slices where ``mask`` is True: multiplied in place, where a mask would need a copy."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2)]
