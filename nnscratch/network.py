"""A network: layers in a row over flat vectors, the parameters and their gradients."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from nnscratch import readout
from nnscratch.checks import check_choice, check_finite
from nnscratch.data import as_features
from nnscratch.flat_vector import size_of, views_of, zeros
from nnscratch.layers import LAYERS, AbstractLinear, Dropout, Layer, ParametricLayer, Softmax
from nnscratch.randomness import generator
from nnscratch.typing import BoolArray, FloatArray, FloatDType, IntArray, OutputKind


class Network:
    """Layers applied one after the other.

    All parameters live in ``parameters`` and all gradients in ``gradients``: two flat vectors.
    Every layer holds named and reshaped views into them. ``statistics`` is a third vector, for
    what layers measure instead of learn. ``state`` is parameters and statistics in one vector: a
    snapshot is ``network.state.copy()``, restoring it ``network.state[:] = …``.

    ``outputs`` says what the network yields: ``"logits"``, ``"sigmoid_logits"`` or ``"scores"``
    (``nnscratch.readout``). A network with one output scores class 1 against class 0.
    ``seed`` draws the starting weights and the masks of dropout, from one generator each.
    Raises ``ValueError`` for layers that don't fit each other or belong to a network already.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        outputs: OutputKind = "logits",
        seed: int = 0,
        dtype: FloatDType = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self._parametric = [layer for layer in self.layers if isinstance(layer, ParametricLayer)]
        if not self._parametric or not isinstance(self._parametric[0], AbstractLinear):
            raise ValueError("a network needs a Linear layer before any other layer that learns")
        check_choice("outputs", outputs, get_args(OutputKind))
        self.outputs: OutputKind = outputs
        self.dtype: np.dtype[np.floating[Any]] = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"a network computes in float32 or float64, got {self.dtype}")
        self.features = self._parametric[0].fan_in
        # What messages and diagnostics call the layers: ("1.Linear", "2.ReLU", …).
        self.layer_names = tuple(
            f"{i}.{type(layer).__name__}" for i, layer in enumerate(self.layers, start=1)
        )
        self.layer_sizes = tuple(self._sizes())
        self.output_size = self.layer_sizes[-1]
        self.classes = max(self.output_size, 2)  # a single output decides between two
        softmax = outputs == "logits" or isinstance(self.layers[-1], Softmax)
        if softmax and self.output_size == 1:
            raise ValueError(
                "a softmax over a single output is always 1: give two outputs, or a sigmoid "
                "(outputs='sigmoid_logits', or 'scores' after a Sigmoid layer)"
            )
        for layer in self.layers:
            layer.attach()
        self._allocate()

        rng = generator(seed, "init")
        for layer in self._parametric:
            layer.initialize(rng)
        self.dropout_generator = generator(seed, "dropout")
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.generator = self.dropout_generator
        self.trace: list[FloatArray] = []

    def _sizes(self) -> Iterator[int]:
        """The number of outputs of every layer."""
        size = self.features
        for layer in self.layers:
            size = layer.output_size(size)
            yield size

    def _allocate(self) -> None:
        """Makes the flat vectors and gives each layer its views."""
        shapes = [layer.parameter_shapes for layer in self._parametric]
        measured = [layer.statistic_shapes for layer in self._parametric]
        size = size_of(shapes)
        self.state = zeros(size + size_of(measured), self.dtype)
        self.parameters, self.statistics = self.state[:size], self.state[size:]
        self.gradients = zeros(size, self.dtype)
        for layer, parameters, gradients, statistics in zip(
            self._parametric,
            views_of(self.parameters, shapes),
            views_of(self.gradients, shapes),
            views_of(self.statistics, measured),
            strict=True,
        ):
            layer.bind(parameters, gradients, statistics)

    @property
    def layer_parts(self) -> dict[str, slice]:
        """Where the parameters of each parametric layer lie in the flat vectors."""
        start, parts = 0, {}
        for name, layer in zip(self.layer_names, self.layers, strict=True):
            if isinstance(layer, ParametricLayer):
                stop = start + size_of([layer.parameter_shapes])
                parts[name] = slice(start, stop)
                start = stop
        return parts

    @property
    def decay_mask(self) -> BoolArray:
        """True for each entry of ``parameters`` that should decay: the weights.

        Smaller weights make a smoother function. A smaller bias, or a smaller scale or shift of
        a ``BatchNorm``, would only fit the data worse.
        """
        parts = [
            np.full(shape, name in layer.decayed_parameters).ravel()
            for layer in self._parametric
            for name, shape in layer.parameter_shapes.items()
        ]
        return np.concatenate(parts)

    def forward(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, outputs) of inputs (batch, features), remembered for ``backward``.

        ``trace`` keeps the inputs and the outputs of every layer until the next call.
        """
        trace = self.trace = [self._checked(inputs)]
        for layer in self.layers:
            trace.append(layer.forward(trace[-1]))
        return trace[-1]

    def backward(self, gradient: FloatArray) -> None:
        """Overwrites ``gradients``, from dL/d(outputs) of the last ``forward``."""
        if not self.trace or gradient.shape != self.trace[-1].shape:
            forward = f"which gave {self.trace[-1].shape}" if self.trace else "and there was none"
            raise ValueError(
                f"backward takes the gradient with respect to the outputs of the last "
                f"forward, {forward}; got {gradient.shape}"
            )
        first = self.layers.index(self._parametric[0])
        for layer in reversed(self.layers[first + 1 :]):
            gradient = layer.backward(gradient)
        self._parametric[0].backward_parameters(gradient)

    def targets(self, labels: IntArray) -> FloatArray:
        """One-hot rows (batch, outputs) for class indices (batch,); 0 or 1 for a single output.

        The labels are not checked: those of a ``Dataset`` are.
        """
        return self._target_of_class.take(labels, axis=0)

    @cached_property
    def _target_of_class(self) -> FloatArray:  # (classes, outputs)
        if self.output_size == 1:
            return np.array([[0], [1]], self.dtype)
        return np.eye(self.output_size, dtype=self.dtype)

    # --- prediction: the pure path, safe beside a running fit ------------------------------

    def apply(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, outputs) of inputs (batch, features), remembering nothing."""
        return self._applied(self._checked(inputs))

    def activations(self, inputs: ArrayLike) -> list[FloatArray]:
        """The output of every layer, in order, for one pure forward pass."""
        outputs = [self._checked(inputs)]
        for layer in self.layers:
            outputs.append(layer.apply(outputs[-1]))
        return outputs[1:]

    def predict(self, inputs: ArrayLike) -> IntArray:
        """The most probable class of each row, (batch,). Raises ``ValueError`` for NaN, ±∞."""
        return readout.decide(self._apply_finite(inputs), self.outputs)

    def predict_proba(self, inputs: ArrayLike) -> FloatArray:
        """Class probabilities, (batch, classes), rows sum to 1; ``ValueError`` for NaN, ±∞."""
        return readout.probabilities(self._apply_finite(inputs), self.outputs)

    def _apply_finite(self, inputs: ArrayLike) -> FloatArray:
        """``apply`` for finite numbers alone: even among NaN, ``argmax`` would choose a class."""
        features = self._checked(inputs)
        check_finite(features, "inputs")
        outputs = self._applied(features)
        check_finite(outputs, "outputs")
        return outputs

    def _applied(self, outputs: FloatArray) -> FloatArray:
        for layer in self.layers:
            outputs = layer.apply(outputs)
        return outputs

    def _checked(self, inputs: ArrayLike) -> FloatArray:
        features = as_features(inputs, self.dtype)
        if features.ndim != 2 or features.shape[1] != self.features or not len(features):
            raise ValueError(
                f"the network takes inputs of shape (batch, {self.features}), got {features.shape}"
            )
        return features

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Afterwards gradients, running statistics and dropout are as they were before."""
        masks = self.dropout_generator.bit_generator
        before = self.gradients.copy(), self.statistics.copy(), masks.state
        try:
            yield
        finally:
            self.gradients[:], self.statistics[:], masks.state = before

    def __reduce__(self) -> tuple[Any, ...]:
        """Builds copies and pickles from the description: copied views would lose their vectors."""
        changing = self.state, self.dropout_generator.bit_generator.state
        return Network.from_description, (self.description(),), changing

    def __setstate__(self, changing: tuple[FloatArray, Mapping[str, Any]]) -> None:
        self.state[:], self.dropout_generator.bit_generator.state = changing

    def description(self) -> dict[str, Any]:
        """The architecture as JSON values; ``Network.from_description`` rebuilds it."""
        return {
            "layers": [{"type": type(layer).__name__, **layer.settings()} for layer in self.layers],
            "outputs": self.outputs,
            "dtype": self.dtype.name,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> "Network":
        """The network described, freshly initialized."""
        return cls(
            layers_from_description(description),
            outputs=description["outputs"],
            dtype=description["dtype"],
        )


def layers_from_description(description: Mapping[str, Any]) -> list[Layer]:
    """The layers of ``Network.description``, not yet bound to parameters."""
    layers = []
    for entry in description["layers"]:
        settings = dict(entry)
        name = settings.pop("type")
        check_choice("layer", name, LAYERS)
        layers.append(LAYERS[name](**settings))
    return layers
