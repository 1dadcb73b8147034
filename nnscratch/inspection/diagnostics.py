"""Diagnostics: gradients, updates and activations, layer by layer."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from nnscratch.data import Dataset, checked_labels
from nnscratch.layers import AbstractLinear, Layer, ReLU, Sigmoid, Tanh
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.readout import decide
from nnscratch.training.clipping import global_norm
from nnscratch.typing import BoolArray, FloatArray, IntArray

SATURATION = 0.05  # a sigmoid nearer to 0 or 1 has less than a fifth of its steepest slope
VANISHING = 1e-3  # a gradient p − t that is shorter vanishes: the usual length is about 1
_CHUNK = 1000  # samples at a time, for a gradient over all of them: limits the memory
_BATCHES, _DRAWN = 32, 512  # the fewest batches and samples for the noise of a batch


@dataclass(frozen=True)
class LayerDiagnostics:
    """One layer on one batch; None for what it doesn't have.

    ``update_ratio`` is ‖Δθ‖ / ‖θ‖ for the step that the optimizer would take now. About 10⁻³ is
    healthy. With much less a network hardly learns, with much more it forgets what it learned.
    """

    activation_mean: float
    activation_std: float
    sample_std: float  # of a unit's output over the samples, root mean square over the units
    gradient_norm: float | None  # of its parameters
    update_ratio: float | None
    dead_fraction: float | None  # ReLU: units that are 0 on every sample
    saturated_fraction: float | None  # Sigmoid, Tanh: outputs near the ends of their range
    distinct_units: int | None  # Linear: units whose weights differ from all others

    def metrics(self) -> dict[str, float]:
        """The numbers that are not None, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def diagnose(
    network: Network, loss: Loss, optimizer: Optimizer, inputs: FloatArray, labels: IntArray
) -> dict[str, LayerDiagnostics]:
    """Every layer by its name, on one batch as training sees it.

    A rehearsal between two epochs: a copy of the optimizer takes the step, and nothing changes
    for the training. With ``ema_decay`` the network holds the mean of the weights between
    epochs, and this mean is measured.
    """
    labels = checked_labels(labels, network.classes)
    with network.rehearsal():
        _gradient(network, loss, inputs, labels)
        update = _next_update(network, optimizer)
        return {
            name: _measure(layer, outputs, *_norms(network, update, name))
            for name, layer, outputs in zip(
                network.layer_names, network.layers, network.trace[1:], strict=True
            )
        }


def gradient_noise(
    network: Network, loss: Loss, dataset: Dataset, batch_size: int, rng: np.random.Generator
) -> float:
    """√(mean ‖g_B − g‖²) / ‖g‖: how far the gradient of a batch is from that of all samples.

    g is the gradient of the whole ``dataset``, g_B the gradient of a batch that ``rng`` draws from
    it. The mean is over 32 batches or more, and over at least 512 samples, because a few samples
    may make up most of the gradient. For independent samples the noise falls as 1/√B. Above 1,
    chance decides more about a step than the slope does (McCandlish et al. 2018). A gradient of
    0 has no noise. A rehearsal, like ``diagnose``.
    """
    if batch_size >= len(dataset):
        return 0.0
    batches = max(_BATCHES, _DRAWN // batch_size)
    with network.rehearsal():
        whole = np.zeros(network.gradients.shape, np.float64)
        for inputs, labels in dataset.batches(_CHUNK):
            whole += _gradient(network, loss, inputs, labels) * (len(labels) / len(dataset))
        squares = [
            np.square(_gradient(network, loss, *dataset.take(chosen)) - whole).sum()
            for chosen in (
                rng.choice(len(dataset), batch_size, replace=False) for _ in range(batches)
            )
        ]
    size = float(np.linalg.norm(whole))
    return float(np.sqrt(np.mean(squares))) / size if size > 0 else 0.0


def _gradient(network: Network, loss: Loss, inputs: FloatArray, labels: IntArray) -> FloatArray:
    """d(mean loss)/d(parameters): ``network.gradients``, until the next call."""
    network.backward(loss.gradient(network.forward(inputs), network.targets(labels)))
    return network.gradients


def misclassified(
    network: Network, loss: Loss, inputs: FloatArray, labels: IntArray
) -> dict[str, float]:
    """The gradients of the misclassified samples; empty if there are none.

    Each sample has a gradient dL/dz with respect to the outputs z of the last Linear layer.
    ``misclassified_gradient`` is its mean length, and ``misclassified_vanishing`` the share of
    samples where it is shorter than ``VANISHING``: the network is so confident of its mistake
    that it learns nothing from it.
    """
    outputs = network.apply(inputs)
    _, gradient = loss.per_sample(outputs, network.targets(labels))  # (batch, outputs)
    last = network.layers[-1]
    if not isinstance(last, AbstractLinear):
        gradient = last.apply_backward(gradient, outputs)
    wrong = decide(outputs, network.outputs) != labels
    lengths = np.linalg.norm(gradient[wrong], axis=1)
    if not len(lengths):
        return {}
    return {
        "misclassified_gradient": float(lengths.mean(dtype=np.float64)),
        "misclassified_vanishing": float(np.mean(lengths < VANISHING)),
    }


def _next_update(network: Network, optimizer: Optimizer) -> FloatArray:
    """Δθ of the step that ``optimizer`` would take now."""
    parameters = network.parameters.copy()
    copy.deepcopy(optimizer).step(parameters, network.gradients)
    parameters -= network.parameters
    return parameters


def _norms(network: Network, update: FloatArray, name: str) -> tuple[float | None, float | None]:
    """The gradient norm and the update ratio of a parametric layer."""
    if name not in network.layer_parts:
        return None, None
    part = network.layer_parts[name]
    size = global_norm(network.parameters[part])
    ratio = global_norm(update[part]) / size if size > 0 else None
    return global_norm(network.gradients[part]), ratio


def _measure(
    layer: Layer, outputs: FloatArray, gradient_norm: float | None, update_ratio: float | None
) -> LayerDiagnostics:
    saturated = _SATURATED.get(type(layer))
    return LayerDiagnostics(
        activation_mean=float(outputs.mean(dtype=np.float64)),
        activation_std=float(outputs.std(dtype=np.float64)),
        sample_std=float(np.sqrt(outputs.var(axis=0, dtype=np.float64).mean())),
        gradient_norm=gradient_norm,
        update_ratio=update_ratio,
        dead_fraction=float(np.mean(~outputs.any(axis=0))) if isinstance(layer, ReLU) else None,
        saturated_fraction=float(np.mean(saturated(outputs))) if saturated else None,
        distinct_units=(  # a unit is a column
            np.unique(layer.weights, axis=1).shape[1] if isinstance(layer, AbstractLinear) else None
        ),
    )


_SATURATED: Mapping[type[Layer], Callable[[FloatArray], BoolArray]] = {
    Sigmoid: lambda outputs: np.abs(outputs - 0.5) > 0.5 - SATURATION,
    Tanh: lambda outputs: np.abs(outputs) > 1 - 2 * SATURATION,  # tanh x = 2 σ(2x) − 1
}
