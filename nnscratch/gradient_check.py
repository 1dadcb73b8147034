"""Is a gradient right? Central differences know nothing of backpropagation.

For one parameter θᵢ: ∂L/∂θᵢ ≈ (L(θᵢ + h) − L(θᵢ − h)) / 2h, with an error of O(h²)
plus rounding of O(ε/h); h ≈ ε^⅓ balances the two in float64.
"""

from collections.abc import Callable

import numpy as np

from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.typing import FloatArray

STEP = 6e-6  # ε^⅓ for float64


def numerical_gradient(function: Callable[[], float], parameters: FloatArray) -> FloatArray:
    """d(function)/d(parameters), element by element; ``parameters`` (float64) is put back."""
    gradient = np.empty_like(parameters)
    flat, result = parameters.reshape(-1), gradient.reshape(-1)
    for i, value in enumerate(flat.copy()):
        flat[i] = value + STEP
        above = function()
        flat[i] = value - STEP
        below = function()
        flat[i] = value
        result[i] = (above - below) / (2 * STEP)
    return gradient


def relative_error(computed: FloatArray, expected: FloatArray) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖), 0 where both vanish."""
    scale = float(np.linalg.norm(computed) + np.linalg.norm(expected))
    return float(np.linalg.norm(computed - expected)) / scale if scale > 0 else 0.0


def check_network(network: Network, loss: Loss, inputs: FloatArray, targets: FloatArray) -> float:
    """The relative error of ``backward`` over all parameters of a float64 network."""
    computed, mean_loss = _gradient_and_loss(network, loss, inputs, targets)
    return relative_error(computed, numerical_gradient(mean_loss, network.parameters))


def check_direction(
    network: Network,
    loss: Loss,
    inputs: FloatArray,
    targets: FloatArray,
    rng: np.random.Generator,
) -> float:
    """The error of ``backward`` along one random direction d, relative to the gradient's norm.

    dL/dh at θ + h d is ∇L · d: two evaluations check all parameters at once, so this
    works for networks whose every element would take too long.
    """
    gradient, mean_loss = _gradient_and_loss(network, loss, inputs, targets)
    direction = rng.normal(size=gradient.shape)
    direction /= np.linalg.norm(direction)
    start, distance = network.parameters.copy(), np.zeros(1)

    def loss_at_distance() -> float:
        network.parameters[:] = start + distance * direction
        return mean_loss()

    [slope] = numerical_gradient(loss_at_distance, distance)
    network.parameters[:] = start
    return float(abs(slope - gradient @ direction) / np.linalg.norm(gradient))


def _gradient_and_loss(
    network: Network, loss: Loss, inputs: FloatArray, targets: FloatArray
) -> tuple[FloatArray, Callable[[], float]]:
    """∇L as ``backward`` has it, and L as a function of whatever ``parameters`` hold."""
    masks = network.dropout_generator.bit_generator
    before = masks.state

    def outputs() -> FloatArray:
        masks.state = before  # the same units drop out of every evaluation
        return network.forward(inputs)

    network.backward(loss.gradient(outputs(), targets))
    return network.gradients.copy(), lambda: loss.value(outputs(), targets)
