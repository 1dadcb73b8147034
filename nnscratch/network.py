"""A network: layers in a row over two flat vectors, the parameters and their gradients."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from nnscratch.data import as_features
from nnscratch.layers import ACTIVATIONS, LAYERS, Layer, Linear, ParametricLayer, Sigmoid, Softmax
from nnscratch.randomness import generator
from nnscratch.typing import FloatArray, FloatDType, IntArray, OutputActivation

Output: TypeAlias = Literal["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"]

_OUTPUT_ACTIVATIONS: dict[Output, OutputActivation] = {
    "logits": "softmax",
    "sigmoid_logits": "sigmoid",
}


class Network:
    """Layers applied one after the other.

    All parameters live in ``parameters`` and all gradients in ``gradients``: two flat
    vectors, allocated once, of which every layer holds named and reshaped views. A
    snapshot is ``network.parameters.copy()``, restoring it ``network.parameters[:] = …``.

    ``output_activation`` says what turns the outputs into class scores: ``"softmax"`` or
    ``"sigmoid"`` for logits, ``"identity"`` where the last layer yields scores already.
    A network of one output scores class 1 against class 0.
    Raises ``ValueError`` if the layers do not fit each other.
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
        if self.dtype.kind != "f":
            raise ValueError(f"a network computes in float32 or float64, got {self.dtype}")
        self.features = self._learners[0].fan_in
        self.layer_sizes = self._check_sizes()

        shapes = [shape for layer in self._learners for shape in layer.parameter_shapes.values()]
        size = sum(int(np.prod(shape)) for shape in shapes)
        self.parameters = np.zeros(size, self.dtype)
        self.gradients = np.zeros(size, self.dtype)
        self._bind_views()

        rng = generator(seed, "init")
        for layer in self._learners:
            layer.initialize(rng)

    def _check_sizes(self) -> tuple[int, ...]:
        """The number of outputs of every layer."""
        sizes = [self.features]
        for layer in self.layers:
            sizes.append(layer.output_size(sizes[-1]))
        return tuple(sizes[1:])

    def _bind_views(self) -> None:
        start = 0
        for layer in self._learners:
            parameters, gradients = {}, {}
            for name, shape in layer.parameter_shapes.items():
                part = slice(start, start + int(np.prod(shape)))
                parameters[name] = self.parameters[part].reshape(shape)
                gradients[name] = self.gradients[part].reshape(shape)
                start = part.stop
            layer.bind(parameters, gradients)

    @property
    def outputs(self) -> int:
        """How many numbers the network yields for one sample."""
        return self.layer_sizes[-1]

    @property
    def classes(self) -> int:
        """How many classes the network tells apart: one per output, two for a single output."""
        return max(self.outputs, 2)

    # --- training -------------------------------------------------------------------

    def forward(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, classes) of inputs (batch, features), remembered for ``backward``."""
        outputs = self._checked(inputs)
        for layer in self.layers:
            outputs = layer.forward(outputs)
        return outputs

    def backward(self, gradient: FloatArray) -> None:
        """Overwrites ``gradients``, from dL/d(outputs) of the last ``forward``."""
        first = self.layers.index(self._learners[0])
        for layer in reversed(self.layers[first + 1 :]):
            gradient = layer.backward(gradient)
        self._learners[0].backward_parameters(gradient)

    # --- prediction: the pure path, safe beside a running fit ------------------------------

    def apply(self, inputs: ArrayLike) -> FloatArray:
        """Outputs (batch, classes) of inputs (batch, features), remembering nothing."""
        outputs = self._checked(inputs)
        for layer in self.layers:
            outputs = layer.apply(outputs)
        return outputs

    def activations(self, inputs: ArrayLike) -> list[FloatArray]:
        """The output of every layer, in order, for one pure forward pass."""
        outputs = [self._checked(inputs)]
        for layer in self.layers:
            outputs.append(layer.apply(outputs[-1]))
        return outputs[1:]

    def predict(self, inputs: ArrayLike) -> IntArray:
        """The most probable class of each row, (batch,)."""
        return self.decide(self.apply(inputs))

    def decide(self, outputs: FloatArray) -> IntArray:
        """The class (batch,) for outputs that were computed already."""
        if outputs.shape[1] > 1:
            return outputs.argmax(axis=1)
        threshold = 0 if self.output_activation == "sigmoid" else 0.5
        return (outputs[:, 0] > threshold).astype(np.intp)

    def predict_proba(self, inputs: ArrayLike) -> FloatArray:
        """Class probabilities, (batch, classes), rows sum to 1."""
        return self.probabilities(self.apply(inputs))

    def probabilities(self, outputs: FloatArray) -> FloatArray:
        """Probabilities (batch, classes) of outputs that were computed already.

        Logits go through softmax. Scores (independent sigmoids, a linear output
        fitted to one-hot targets) are cut at 0 and divided by their sum; a row
        without any positive score is undecided: all classes alike. A single score
        s becomes (1 − s, s).
        """
        if self.output_activation == "softmax":
            return Softmax().apply(outputs)
        scores = Sigmoid().apply(outputs) if self.output_activation == "sigmoid" else outputs
        if scores.shape[1] == 1:
            score = np.clip(scores, 0, 1)
            return np.hstack([1 - score, score])
        scores = np.maximum(scores, 0)
        sums = scores.sum(axis=1, keepdims=True)
        return np.where(sums > 0, scores / np.where(sums > 0, sums, 1), 1 / scores.shape[1])

    def _checked(self, inputs: ArrayLike) -> FloatArray:
        features = as_features(inputs, self.dtype)
        if features.ndim != 2 or features.shape[1] != self.features or not len(features):
            raise ValueError(
                f"the network takes inputs of shape (batch, {self.features}), got {features.shape}"
            )
        return features

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
        layers = []
        for entry in description["layers"]:
            settings = dict(entry)
            name = settings.pop("type")
            if name not in LAYERS:
                raise ValueError(f"unknown layer {name!r}: this version knows {', '.join(LAYERS)}")
            layers.append(LAYERS[name](**settings))
        return cls(
            layers,
            output_activation=description["output_activation"],
            dtype=description["dtype"],
        )


def mlp(
    sizes: Sequence[int],
    *,
    activation: str = "relu",
    init: str = "he_normal",
    bias_init: str = "zeros",
    output: Output = "logits",
    seed: int = 0,
    dtype: FloatDType = np.float32,
) -> Network:
    """A multi-layer perceptron: ``mlp([784, 128, 64, 10])``.

    ``sizes``: features, hidden units of each layer, classes. ``init`` and ``bias_init``
    name initializers (``nnscratch.initializers``), ``activation`` the hidden layers'
    (``nnscratch.layers.ACTIVATIONS``). ``output`` is what comes last:

    ``"logits"``          nothing: for ``SoftmaxCrossEntropyLoss``, softmax gives probabilities;
    ``"sigmoid_logits"``  nothing: for ``SigmoidCrossEntropyLoss``, sigmoid gives scores;
    ``"softmax"``         a ``Softmax`` layer: for ``CrossEntropyLoss`` or ``MSELoss``;
    ``"sigmoid"``         a ``Sigmoid`` layer, one independent score per class;
    ``"linear"``          nothing, and the outputs themselves are the scores.

    Raises ``ValueError`` for an unknown name or fewer than two sizes.
    """
    if len(sizes) < 2:
        raise ValueError(f"an mlp needs at least [features, classes], got {list(sizes)}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"unknown activation {activation!r}: choose {', '.join(ACTIVATIONS)}")
    if output not in get_args(Output):
        raise ValueError(f"unknown output {output!r}: choose {', '.join(get_args(Output))}")

    layers: list[Layer] = []
    for fan_in, fan_out in pairwise(sizes):
        layers.append(Linear(fan_in, fan_out, init=init, bias_init=bias_init))
        layers.append(ACTIVATIONS[activation]())
    layers.pop()  # no hidden activation behind the last Linear
    if output == "softmax":
        layers.append(Softmax())
    elif output == "sigmoid":
        layers.append(Sigmoid())
    return Network(
        layers,
        output_activation=_OUTPUT_ACTIVATIONS.get(output, "identity"),
        seed=seed,
        dtype=dtype,
    )
