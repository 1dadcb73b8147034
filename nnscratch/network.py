"""A network: layers in a row over flat vectors, the parameters and their gradients."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from nnscratch.arrays import check_finite
from nnscratch.data import as_features
from nnscratch.flat_vector import size_of, views_of, zeros
from nnscratch.layers import (
    ACTIVATIONS,
    LAYERS,
    BatchNorm,
    Dropout,
    Layer,
    Linear,
    ParametricLayer,
    Sigmoid,
    Softmax,
)
from nnscratch.randomness import generator
from nnscratch.typing import BoolArray, FloatArray, FloatDType, IntArray, OutputActivation

Output: TypeAlias = Literal["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"]

_OUTPUT_ACTIVATIONS: dict[Output, OutputActivation] = {
    "logits": "softmax",
    "sigmoid_logits": "sigmoid",
}


class Network:
    """Layers applied one after the other.

    All parameters live in ``parameters`` and all gradients in ``gradients``: two flat
    vectors, allocated once, of which every layer holds named and reshaped views.
    ``statistics`` is a third one, for what layers measure instead of learn (empty
    without ``BatchNorm``). ``state`` is parameters and statistics in one vector: a
    snapshot is ``network.state.copy()``, restoring it ``network.state[:] = …``.

    ``output_activation`` says what turns the outputs into class scores: ``"softmax"`` or
    ``"sigmoid"`` for logits, ``"identity"`` where the last layer yields scores already.
    A network of one output scores class 1 against class 0. ``seed`` draws the starting
    weights and the masks of dropout, from one generator each.
    Raises ``ValueError`` if the layers do not fit each other, or stand in a network already.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        output_activation: OutputActivation = "softmax",
        seed: int = 0,
        dtype: FloatDType = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self._learners = [layer for layer in self.layers if isinstance(layer, ParametricLayer)]
        if not self._learners or not isinstance(self._learners[0], Linear):
            raise ValueError("a network needs a Linear layer before any other layer that learns")
        if output_activation not in get_args(OutputActivation):
            raise ValueError(
                f"unknown output_activation {output_activation!r}: "
                f"choose {', '.join(get_args(OutputActivation))}"
            )
        self.output_activation: OutputActivation = output_activation
        self.dtype: np.dtype[np.floating[Any]] = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"a network computes in float32 or float64, got {self.dtype}")
        self.features = self._learners[0].fan_in
        self.layer_sizes = self._check_sizes()
        softmax = output_activation == "softmax" or isinstance(self.layers[-1], Softmax)
        if softmax and self.output_size == 1:
            raise ValueError(
                "a softmax over a single output is always 1: give two outputs, or a sigmoid "
                "(output_activation 'sigmoid' for logits, 'identity' for scores)"
            )
        for layer in self.layers:
            layer.join()
        self._allocate()

        rng = generator(seed, "init")
        for layer in self._learners:
            layer.initialize(rng)
        self.dropout_generator = generator(seed, "dropout")
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.generator = self.dropout_generator
        self.trace: list[FloatArray] = []

    def _check_sizes(self) -> tuple[int, ...]:
        """The number of outputs of every layer."""
        sizes = [self.features]
        for layer in self.layers:
            sizes.append(layer.output_size(sizes[-1]))
        return tuple(sizes[1:])

    def _allocate(self) -> None:
        """Makes the flat vectors and hands each layer its views."""
        shapes = [layer.parameter_shapes for layer in self._learners]
        measured = [layer.statistic_shapes for layer in self._learners]
        learned = size_of(shapes)
        self.state = zeros(learned + size_of(measured), self.dtype)
        self.parameters, self.statistics = self.state[:learned], self.state[learned:]
        self.gradients = zeros(learned, self.dtype)
        for layer, parameters, gradients, statistics in zip(
            self._learners,
            views_of(self.parameters, shapes),
            views_of(self.gradients, shapes),
            views_of(self.statistics, measured),
            strict=True,
        ):
            layer.bind(parameters, gradients, statistics)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """What messages and diagnostics call the layers: ``("1.Linear", "2.ReLU", …)``."""
        return tuple(f"{i}.{type(layer).__name__}" for i, layer in enumerate(self.layers, start=1))

    @property
    def layer_parts(self) -> dict[str, slice]:
        """Where in the flat vectors the parameters of each layer lie, for those that learn."""
        start, parts = 0, {}
        for name, layer in zip(self.layer_names, self.layers, strict=True):
            if isinstance(layer, ParametricLayer):
                stop = start + size_of([layer.parameter_shapes])
                parts[name] = slice(start, stop)
                start = stop
        return parts

    @property
    def decay_mask(self) -> BoolArray:
        """True for each entry of ``parameters`` that weight decay is meant for: the weights.

        Decay pulls towards 0. For a weight this means a smoother function; a bias, or the
        scale and shift of a ``BatchNorm``, would only be moved off the data.
        """
        mask = np.zeros(self.parameters.shape, np.bool_)
        for layer, views in zip(
            self._learners,
            views_of(mask, [layer.parameter_shapes for layer in self._learners]),
            strict=True,
        ):
            for name in layer.decayed_parameters:
                views[name][...] = True
        return mask

    @property
    def output_size(self) -> int:
        """How many numbers the network yields for one sample."""
        return self.layer_sizes[-1]

    @property
    def classes(self) -> int:
        """How many classes the network tells apart: one per output, two for a single output."""
        return max(self.output_size, 2)

    # --- training -------------------------------------------------------------------

    def forward(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, classes) of inputs (batch, features), remembered for ``backward``.

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
                f"backward takes the gradient by the outputs of the last forward, {forward}; "
                f"got {gradient.shape}"
            )
        first = self.layers.index(self._learners[0])
        for layer in reversed(self.layers[first + 1 :]):
            gradient = layer.backward(gradient)
        self._learners[0].backward_parameters(gradient)

    # --- prediction: the pure path, safe beside a running fit ------------------------------

    def apply(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, classes) of inputs (batch, features), remembering nothing."""
        return self._applied(self._checked(inputs))

    def activations(self, inputs: ArrayLike) -> list[FloatArray]:
        """The output of every layer, in order, for one pure forward pass."""
        outputs = [self._checked(inputs)]
        for layer in self.layers:
            outputs.append(layer.apply(outputs[-1]))
        return outputs[1:]

    def predict(self, inputs: ArrayLike) -> IntArray:
        """The most probable class of each row, (batch,). Raises ``ValueError`` for NaN, ±∞."""
        return self.decide(self._apply_finite(inputs))

    def decide(self, outputs: FloatArray) -> IntArray:
        """The class (batch,) for outputs that were computed already."""
        if outputs.shape[1] > 1:
            return outputs.argmax(axis=1)
        threshold = 0 if self.output_activation == "sigmoid" else 0.5
        return (outputs[:, 0] > threshold).astype(np.intp)

    def predict_proba(self, inputs: ArrayLike) -> FloatArray:
        """Class probabilities, (batch, classes), rows sum to 1; ``ValueError`` for NaN, ±∞."""
        return self.probabilities(self._apply_finite(inputs))

    def probabilities(self, outputs: FloatArray) -> FloatArray:
        """Probabilities (batch, classes) of outputs that were computed already.

        Logits go through softmax. Scores (independent sigmoids, a linear output
        fitted to one-hot targets) are cut at 0 and divided by their sum; a row
        without any positive score is undecided: all classes alike. A single score
        s becomes (1 − s, s).
        """
        if self.output_activation == "softmax":
            return Softmax().apply(outputs)
        if self.output_activation == "sigmoid":
            return Softmax().apply(_logits(outputs))
        if outputs.shape[1] == 1:
            score = np.clip(outputs, 0, 1)
            return np.hstack([1 - score, score])
        scores = np.maximum(outputs, 0)
        sums = scores.sum(axis=1, keepdims=True)
        return np.where(sums > 0, scores / np.where(sums > 0, sums, 1), 1 / scores.shape[1])

    def _apply_finite(self, inputs: ArrayLike) -> FloatArray:
        """``apply``, for those who decide by it: even of NaN some class would be the largest."""
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

    # --- copies ---------------------------------------------------------------------------

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew: copied one by one, views would lose their vectors."""
        layers = [type(layer)(**layer.settings()) for layer in self.layers]
        masks = self.dropout_generator.bit_generator.state
        return _rebuilt, (layers, self.output_activation, self.dtype, self.state, masks)

    # --- description: what a checkpoint stores beside the parameters -------------------------

    def description(self) -> dict[str, Any]:
        """The architecture as JSON values; ``Network.from_description`` rebuilds it."""
        return {
            "layers": [{"type": type(layer).__name__, **layer.settings()} for layer in self.layers],
            "output_activation": self.output_activation,
            "dtype": self.dtype.name,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> "Network":
        """The network described, freshly initialized; ``ValueError`` for an unknown layer."""
        return cls(
            layers_from_description(description),
            output_activation=description["output_activation"],
            dtype=description["dtype"],
        )


def _logits(outputs: FloatArray) -> FloatArray:
    """What softmax turns into the probabilities of independent sigmoids, however far out.

    σ(z_k) / Σ_j σ(z_j) is the softmax of log σ(z), and for a single output (1 − σ(z), σ(z))
    that of (0, z).
    """
    if outputs.shape[1] == 1:
        return np.hstack([np.zeros_like(outputs), outputs])
    return -np.logaddexp(0, -outputs)


def _rebuilt(
    layers: list[Layer],
    output_activation: OutputActivation,
    dtype: FloatDType,
    state: FloatArray,
    masks: Mapping[str, Any],
) -> Network:
    network = Network(layers, output_activation=output_activation, dtype=dtype)
    network.state[:] = state
    network.dropout_generator.bit_generator.state = masks
    return network


def layers_from_description(description: Mapping[str, Any]) -> list[Layer]:
    """The layers of ``Network.description``, without any parameters yet."""
    layers = []
    for entry in description["layers"]:
        settings = dict(entry)
        name = settings.pop("type")
        if name not in LAYERS:
            raise ValueError(f"unknown layer {name!r}: this version knows {', '.join(LAYERS)}")
        layers.append(LAYERS[name](**settings))
    return layers


def mlp(
    sizes: Sequence[int],
    *,
    activation: str = "relu",
    init: str = "he_normal",
    bias_init: str = "zeros",
    output: Output = "logits",
    output_scale: float = 1.0,
    batch_norm: bool = False,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
    seed: int = 0,
    dtype: FloatDType = np.float32,
) -> Network:
    """A multi-layer perceptron: ``mlp([784, 128, 64, 10])``.

    ``sizes``: features, hidden units of each layer, classes. ``init`` and ``bias_init``
    name initializers (``nnscratch.layers.initializers``), ``activation`` the hidden layers'
    (``nnscratch.layers.ACTIVATIONS``). A hidden layer is Linear, ``BatchNorm`` if
    wanted, activation, ``Dropout`` at the rate ``dropout``; ``input_dropout`` is that of
    the features. ``output`` is what comes last:

    ``"logits"``          nothing: for ``SoftmaxCrossEntropyLoss``, softmax gives probabilities;
    ``"sigmoid_logits"``  nothing: for ``SigmoidCrossEntropyLoss``, sigmoid gives scores;
    ``"softmax"``         a ``Softmax`` layer: for ``CrossEntropyLoss`` or ``MSELoss``;
    ``"sigmoid"``         a ``Sigmoid`` layer, one independent score per class;
    ``"linear"``          nothing, and the outputs themselves are the scores.

    ``output_scale`` multiplies the starting weights of the last Linear layer: large ones make
    a network that is sure of what it can't know yet.
    Raises ``ValueError`` for an unknown name or fewer than two sizes.
    """
    if len(sizes) < 2:
        raise ValueError(f"an mlp needs at least [features, classes], got {list(sizes)}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"unknown activation {activation!r}: choose {', '.join(ACTIVATIONS)}")
    if output not in get_args(Output):
        raise ValueError(f"unknown output {output!r}: choose {', '.join(get_args(Output))}")

    layers: list[Layer] = [Dropout(input_dropout)] if input_dropout else []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers.append(Linear(fan_in, fan_out, init=init, bias_init=bias_init))
        if batch_norm:
            layers.append(BatchNorm(fan_out))
        layers.append(ACTIVATIONS[activation]())
        if dropout:
            layers.append(Dropout(dropout))
    last = Linear(sizes[-2], sizes[-1], init=init, bias_init=bias_init)
    layers.append(last)
    if output == "softmax":
        layers.append(Softmax())
    elif output == "sigmoid":
        layers.append(Sigmoid())
    network = Network(
        layers,
        output_activation=_OUTPUT_ACTIVATIONS.get(output, "identity"),
        seed=seed,
        dtype=dtype,
    )
    last.weights *= output_scale
    return network
