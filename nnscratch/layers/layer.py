"""What a layer is: a formula and its gradient, with or without parameters."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import DTypeLike

from nnscratch.typing import FloatArray, Shapes


class Buffers:
    """Named scratch arrays, so that no layer allocates its outputs again for every batch.

    A smaller batch (the last of an epoch) gets the first rows of the same array.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, FloatArray] = {}

    def get(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> FloatArray:
        """The buffer of this name, cut to ``shape``."""
        array = self._arrays.get(name)
        if (
            array is None
            or len(array) < shape[0]
            or array.shape[1:] != shape[1:]
            or array.dtype != dtype
        ):
            array = self._arrays[name] = np.empty(shape, dtype)
        return array if len(array) == shape[0] else array[: shape[0]]


class Layer(ABC):
    """One differentiable step of a network: ``(batch, fan_in) -> (batch, fan_out)``."""

    _sizes: tuple[int, int] | None = None  # the features in and out; None: as many out as in

    def __init__(self) -> None:
        self._buffers = Buffers()
        self._attached = False

    @final
    def attach(self) -> None:
        """Takes the layer's only place: it remembers one batch, in the vectors of one network."""
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
        """d/d(inputs) of what ``apply`` computed, from d/d(outputs) and those outputs."""

    @final
    def output_size(self, input_size: int) -> int:
        """How many features come out when ``input_size`` go in."""
        if self._sizes is None:
            return input_size
        expected, size = self._sizes
        if input_size != expected:
            name = type(self).__name__
            raise ValueError(f"{name} takes {expected} features, and was given {input_size}")
        return size

    @final
    def settings(self) -> dict[str, Any]:
        """The constructor arguments, as JSON values: each is an attribute of the same name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}


class ParametricLayer(Layer):
    """A layer that learns. Its parameters are views into the network's flat vectors.

    ``parameter_shapes`` lists them in the order of the flat vector, and ``decayed_parameters``
    those that multiply the inputs and should decay. ``statistic_shapes`` lists what is measured,
    not learned, as ``BatchNorm`` measures its inputs: a checkpoint stores it too.
    """

    def __init__(
        self,
        sizes: tuple[int, int],
        parameters: Shapes,
        *,
        statistics: Shapes | None = None,
        decayed: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._sizes = sizes
        self.parameter_shapes, self.decayed_parameters = parameters, decayed
        self.statistic_shapes: Shapes = statistics or {}

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
