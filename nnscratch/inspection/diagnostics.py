"""What goes on inside: gradients, updates and activations, layer by layer."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np

from nnscratch.data import Dataset, checked_labels, target_table
from nnscratch.layers import Layer, Linear, ReLU, Sigmoid, Tanh
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.training.clipping import global_norm
from nnscratch.typing import BoolArray, FloatArray, IntArray

SATURATION = 0.05
"""A sigmoid nearer than this to 0 or 1 passes less than a fifth of its steepest slope on."""

UNHEARD = 1e-3
"""A gradient by the logits that is shorter says next to nothing: p − t has a length of about 1."""

_CHUNK = 1000  # samples at a time where all of them are asked for: memory, not the result
_BATCHES, _DRAWN = 32, 512  # as many batches and samples at least, for the noise of a batch


@dataclass(frozen=True)
class LayerDiagnostics:
    """One layer on one batch; None for what it doesn't have.

    ``update_ratio`` is ‖Δθ‖ / ‖θ‖ of the step that the optimizer would take now: about
    10⁻³ is healthy, much less learns nothing, much more forgets what it learned.
    """

    activation_mean: float
    activation_std: float
    sample_std: float  # how far samples differ in the output of a unit, root mean square
    gradient_norm: float | None  # of its parameters
    update_ratio: float | None
    dead_fraction: float | None  # ReLU: units that are silent on every sample
    saturated_fraction: float | None  # Sigmoid, Tanh: outputs near the ends of their range
    distinct_units: int | None  # Linear: units that differ in a weight, by whatever bit

    def metrics(self) -> dict[str, float]:
        """The numbers that there are, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def diagnose(
    network: Network, loss: Loss, optimizer: Optimizer, inputs: FloatArray, labels: IntArray
) -> dict[str, LayerDiagnostics]:
    """Every layer by its name, on one batch as training sees it.

    A rehearsal between two epochs: the step is taken by a copy of the optimizer, and
    whatever training goes on with is put back. Under ``ema_decay`` the network holds the
    mean of the weights then, and this is what is measured. Raises ``ValueError`` for
    inputs or labels that don't fit the network.
    """
    labels = checked_labels(labels, network.classes)
    with _rehearsal(network):
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
    """√(mean ‖g_B − g‖²) / ‖g‖: how far a batch's gradient is from that of all samples.

    g is the gradient of the whole of ``dataset``, g_B that of a batch which ``rng`` draws from
    it. The mean is over 32 batches, or more of small ones, to draw 512 samples at least: a few
    samples may have most of the gradient. Independent samples make it fall as 1/√B; above 1 a
    step leads more at random than downhill (McCandlish et al. 2018). A batch of all samples
    has none: 0, as has a gradient of 0. A rehearsal, as ``diagnose`` is.
    """
    if batch_size >= len(dataset):
        return 0.0
    batches = max(_BATCHES, _DRAWN // batch_size)
    with _rehearsal(network):
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
    """That of the mean loss by all parameters: ``network.gradients``, until the next call."""
    targets = target_table(network.output_size, network.dtype)[labels]
    network.backward(loss.gradient(network.forward(inputs), targets))
    return network.gradients


def misread(network: Network, loss: Loss, inputs: FloatArray, labels: IntArray) -> dict[str, float]:
    """What the loss says of the samples that the network misreads; nothing if it misreads none.

    Each has a gradient dL/dz by the outputs z of the last Linear layer. ``misread_gradient`` is its
    mean length, and ``misread_unheard`` the share of samples whose own is below ``UNHEARD``:
    the network is so sure of its mistake that nothing comes back.
    """
    outputs = network.apply(inputs)
    targets = target_table(network.output_size, network.dtype)[labels]
    _, gradient = loss.per_sample(outputs, targets)  # (batch, outputs)
    last = network.layers[-1]
    if not isinstance(last, Linear):
        gradient = last.apply_backward(gradient, outputs)
    lengths = np.linalg.norm(gradient[network.decide(outputs) != labels], axis=1)
    if not len(lengths):
        return {}
    return {
        "misread_gradient": float(lengths.mean(dtype=np.float64)),
        "misread_unheard": float(np.mean(lengths < UNHEARD)),
    }


@contextmanager
def _rehearsal(network: Network) -> Iterator[None]:
    """Afterwards gradients, running statistics and dropout are where they were before."""
    gradients, statistics = network.gradients.copy(), network.statistics.copy()
    masks = network.dropout_generator.bit_generator
    before = masks.state
    try:
        yield
    finally:
        network.gradients[:], network.statistics[:] = gradients, statistics
        masks.state = before


def _next_update(network: Network, optimizer: Optimizer) -> FloatArray:
    """Δθ of the step that ``optimizer`` would take, without taking it."""
    parameters = network.parameters.copy()
    copy.deepcopy(optimizer).step(parameters, network.gradients)
    parameters -= network.parameters
    return parameters


def _norms(
    network: Network, update: FloatArray, name: str
) -> tuple[float, float | None] | tuple[None, None]:
    """The gradient norm and the update ratio of a layer that learns."""
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
        distinct_units=_distinct_units(layer) if isinstance(layer, Linear) else None,
    )


def _distinct_units(layer: Linear) -> int:
    return np.unique(layer.weights, axis=1).shape[1]  # a unit is a column


_SATURATED: Mapping[type[Layer], Callable[[FloatArray], BoolArray]] = {
    Sigmoid: lambda outputs: np.abs(outputs - 0.5) > 0.5 - SATURATION,
    Tanh: lambda outputs: np.abs(outputs) > 1 - 2 * SATURATION,  # tanh x = 2 σ(2x) − 1
}
