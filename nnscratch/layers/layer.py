"""What a layer is: a formula and its gradient, with or without parameters."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, final

import numpy as np

from nnscratch.layers.buffers import Buffers
from nnscratch.typing import FloatArray, Shapes


class Layer(ABC):
    """One differentiable step of a network: ``(batch, fan_in) -> (batch, fan_out)``."""

    def __init__(self) -> None:
        self._buffers = Buffers()
        self._attached = False

    @final
    def attach(self) -> None:
        """Takes a place in a network. Raises ``ValueError`` if the layer has one already.

        A layer remembers one batch, and holds views into the vectors of one network.
        """
        if self._attached:
            raise ValueError(
                f"this {type(self).__name__} layer stands in a network already: build another one"
            )
        self._attached = True

    @abstractmethod
    def apply(self, inputs: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """The formula as prediction uses it, written into ``out`` if given."""

    @abstractmethod
    def forward(self, inputs: FloatArray) -> FloatArray:
        """The formula as training uses it; remembers what ``backward`` needs."""

    @abstractmethod
    def backward(self, gradient: FloatArray) -> FloatArray:
        """dL/d(inputs) from dL/d(outputs) of the last ``forward``."""

    @abstractmethod
    def apply_backward(
        self, gradient: FloatArray, outputs: FloatArray, out: FloatArray | None = None
    ) -> FloatArray:
        """d/d(inputs) of what ``apply`` computed, from d/d(outputs) and those outputs.

        As pure as ``apply``: what ``forward`` remembers for training stays as it is.
        """

    @abstractmethod
    def output_size(self, input_size: int) -> int:
        """How many features come out when ``input_size`` go in; raises ValueError if they can't."""

    @final
    def settings(self) -> dict[str, Any]:
        """The constructor arguments that rebuild this layer, as JSON values.

        Every layer keeps each of its arguments as an attribute of the same name.
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}


class ParametricLayer(Layer):
    """A layer that learns. Its parameters are views into the network's flat vectors."""

    @property
    @abstractmethod
    def parameter_shapes(self) -> Shapes:
        """The name and shape of each parameter, in the order of the flat vector."""

    @property
    @abstractmethod
    def statistic_shapes(self) -> Shapes:
        """The same for what is measured, not learned, as ``BatchNorm`` measures its inputs.

        Statistics have no gradient. A checkpoint stores them.
        """

    @property
    @abstractmethod
    def decayed_parameters(self) -> tuple[str, ...]:
        """The parameters that should decay: those that multiply the inputs."""

    @abstractmethod
    def initialize(self, rng: np.random.Generator) -> None:
        """Writes the starting values into the parameters and statistics."""

    @abstractmethod
    def backward_parameters(self, gradient: FloatArray) -> None:
        """Overwrites the gradients of the parameters: the first layer needs no more.

        Nobody needs the gradient with respect to the pixels, and computing it would take a
        tenth to a third of a training step.
        """

    @final
    def bind(
        self,
        parameters: Mapping[str, FloatArray],
        gradients: Mapping[str, FloatArray],
        statistics: Mapping[str, FloatArray],
    ) -> None:
        """Keeps each parameter and statistic as ``self.name``, each gradient as ``grad_name``."""
        for name, view in {**parameters, **statistics}.items():
            setattr(self, name, view)
        for name, view in gradients.items():
            setattr(self, f"grad_{name}", view)
