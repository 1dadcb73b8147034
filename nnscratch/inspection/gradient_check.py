"""Gradient checks: central differences, which do not depend on backpropagation.

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
    """d(function)/d(parameters), element by element; ``parameters`` are restored."""
    if parameters.dtype != np.float64:  # in float32 rounding errors would dominate
        raise ValueError(f"central differences need float64, got {parameters.dtype}")
    gradient = np.empty_like(parameters)
    for i in np.ndindex(parameters.shape):
        value = parameters[i]
        parameters[i] = value + STEP
        above = function()
        parameters[i] = value - STEP
        below = function()
        parameters[i] = value
        gradient[i] = (above - below) / (2 * STEP)
    return gradient


def relative_error(computed: FloatArray, expected: FloatArray) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖), 0 if both are 0."""
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

    dL/dh at θ + h d is ∇L · d: two evaluations check all parameters of a large network at once.
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
    """∇L by ``backward``, and L as a function of the current ``parameters``."""
    if network.dtype != np.float64:
        raise ValueError(f"a gradient is checked in float64, this network is {network.dtype}")

    def mean_loss() -> float:
        with network.rehearsal():  # the same units drop out of every evaluation
            return loss.value(network.forward(inputs), targets)

    with network.rehearsal():
        network.backward(loss.gradient(network.forward(inputs), targets))
        gradient = network.gradients.copy()
    return gradient, mean_loss
