"""``engine=pure_python``: a training in lists and loops, beside the same one in NumPy."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import final

import numpy as np

from experiments.training.pure_python.mlp import (
    CROSS_ENTROPY,
    MLP,
    RELU,
    SIGMOID,
    SQUARED_ERROR,
    Hidden,
    Layer,
    Output,
)
from nnscratch import Dataset, Epoch, Linear, Loss, Network, Training, TrainingState, evaluate
from nnscratch.flat_vector import views_of
from nnscratch.training.progress import Progress, Watch

HIDDEN: Mapping[str, Hidden] = {"sigmoid": SIGMOID, "relu": RELU}
"""By ``model.activation``."""

OUTPUTS: Mapping[str, Output] = {"softmax_cross_entropy": CROSS_ENTROPY, "mse": SQUARED_ERROR}
"""By ``loss.name``; the squared error has sigmoid outputs."""


@final
class PurePythonTraining(Iterator[Epoch]):
    """Plain gradient descent on ``network`` with all its arithmetic in lists and loops.

    ``twin`` is the same training in NumPy. It trains every epoch first, from the same weights
    on the same batches, and is timed; the weights of the lists then replace its
    weights. So the results of an epoch are those of the lists, and the twin's state is enough
    to resume.
    """

    def __init__(
        self,
        twin: Training,
        network: Network,
        loss: Loss,
        train: Dataset,
        validation: Dataset,
        *,
        hidden: Hidden,
        output: Output,
        batch_size: int,
        learning_rate: float,
        resume: TrainingState | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._twin, self._network, self._loss = twin, network, loss
        self._train, self._validation = train, validation
        self._batch_size, self._learning_rate = batch_size, learning_rate
        self._watch = watch
        linear = [layer for layer in network.layers if isinstance(layer, Linear)]
        sizes = [network.features, *(layer.fan_out for layer in linear)]
        start = network.parameters if resume is None else resume.vectors["parameters"]
        self._exact = start.astype(np.float64)  # what the lists hold; the network rounds it
        self._views = views_of(self._exact, [layer.parameter_shapes for layer in linear])
        self._mlp = MLP(sizes, hidden=hidden, output=output)
        self._mlp.layers = [
            Layer(view["weights"].tolist(), view["biases"].tolist()) for view in self._views
        ]
        self._seconds = float("inf")  # of the fastest epoch so far
        self._numpy_seconds = float("inf")  # of its twin

    def __next__(self) -> Epoch:
        order = np.random.default_rng()
        order.bit_generator.state = self._twin.state().generators["shuffle"]
        twin = next(self._twin)
        started = time.perf_counter()
        progress = self._pass(twin.number, order)
        seconds = time.perf_counter() - started
        self._seconds = min(self._seconds, seconds)
        self._numpy_seconds = min(self._numpy_seconds, twin.seconds)
        for view, layer in zip(self._views, self._mlp.layers, strict=True):
            view["weights"][:], view["biases"][:] = layer.weights, layer.biases
        self._network.parameters[:] = self._exact
        measured = evaluate(self._network, self._loss, self._validation)
        return replace(
            twin,
            train_loss=progress.loss,
            train_accuracy=progress.accuracy,
            val_loss=measured.loss,
            val_accuracy=measured.accuracy,
            seconds=seconds,
        )

    def _pass(self, number: int, order: np.random.Generator) -> Progress:
        """One step per batch."""
        batches = math.ceil(len(self._train) / self._batch_size)
        progress = Progress(number, batches, self._network.outputs, self._watch)
        for pixels, labels in self._train.shuffled_batches(self._batch_size, order):
            targets = self._network.targets(labels).tolist()
            loss, gradients, outputs = self._mlp.backward(pixels.tolist(), targets)
            self._mlp.descend(gradients, self._learning_rate)
            progress.add(loss, np.array(outputs), labels)
        return progress

    def state(self) -> TrainingState:
        """See ``Training.state``. Its parameters are in float64, as Python's floats are."""
        state = self._twin.state()
        return replace(state, vectors={**state.vectors, "parameters": self._exact.copy()})

    def metrics(self) -> Mapping[str, float]:
        """Seconds per image in the fastest epoch, here and in NumPy, and their ratio."""
        samples = len(self._train)
        return {
            "pure_python_seconds_per_sample": self._seconds / samples,
            "numpy_seconds_per_sample": self._numpy_seconds / samples,
            "numpy_speedup": self._seconds / self._numpy_seconds,
        }

    def summary(self) -> str:
        """The metrics as a sentence."""
        pure, numpy, speedup = self.metrics().values()
        return (
            f"pure Python took {pure:.2g} s per image, NumPy {numpy:.2g} s: "
            f"NumPy is {speedup:,.1f} times as fast"
        )
