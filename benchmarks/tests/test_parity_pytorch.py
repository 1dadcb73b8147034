"""Parity with PyTorch: the same initial weights and batches give the same losses and weights.

Every optimizer, hidden activation and loss, with and without ``BatchNorm``, in float64
over ten steps with batches of changing size; the running statistics and the predictions
made with them agree too. Outside of the ordinary test run, for PyTorch is a dependency of
the comparison only: ``pip install -e '.[bench]'``, then ``pytest benchmarks/tests``.

Where the conventions differ: a PyTorch ``Linear`` holds (fan_out, fan_in), the transpose
of ours; which parameters decay is told to AdamW in parameter groups; and the mean of its
binary cross-entropy runs over the outputs too, where we take their sum.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from nnscratch import (
    ELU,
    SGD,
    Adam,
    AdamW,
    BatchNorm,
    LeakyReLU,
    Linear,
    Loss,
    MSELoss,
    Network,
    Optimizer,
    ReLU,
    RMSProp,
    Sigmoid,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
    Tanh,
    mlp,
    one_hot,
    schedules,
)

torch: Any = pytest.importorskip("torch", reason="needs the bench extra: pip install -e '.[bench]'")
torch.set_num_threads(1)

TOLERANCE = 1e-9
STEPS, SIZES = 10, [9, 12, 8, 4]
DECAY = 0.1
EPSILON = 1e-3  # not far below the gradients, so that its place in the formula matters


class Rival(NamedTuple):
    """Our optimizer, and PyTorch's for parameter groups."""

    ours: Callable[[Network], Optimizer]
    theirs: Callable[[list[dict[str, Any]]], Any]


OPTIMIZERS = {
    "SGD": Rival(
        lambda network: SGD(learning_rate=0.1), lambda groups: torch.optim.SGD(groups, lr=0.1)
    ),
    "SGD, momentum": Rival(
        lambda network: SGD(learning_rate=0.05, momentum=0.9),
        lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9),
    ),
    "SGD, Nesterov": Rival(
        lambda network: SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
        lambda groups: torch.optim.SGD(groups, lr=0.05, momentum=0.9, nesterov=True),
    ),
    "RMSProp": Rival(
        lambda network: RMSProp(learning_rate=0.01, decay=0.99, epsilon=EPSILON),
        lambda groups: torch.optim.RMSprop(groups, lr=0.01, alpha=0.99, eps=EPSILON),
    ),
    "Adam": Rival(
        lambda network: Adam(learning_rate=0.01, epsilon=EPSILON),
        lambda groups: torch.optim.Adam(groups, lr=0.01, eps=EPSILON),
    ),
    "AdamW": Rival(
        lambda network: AdamW(
            learning_rate=0.01,
            epsilon=EPSILON,
            weight_decay=DECAY,
            decay_mask=network.decay_mask,
        ),
        lambda groups: torch.optim.AdamW(groups, lr=0.01, eps=EPSILON, weight_decay=DECAY),
    ),
}
ACTIVATIONS: dict[type, Callable[[Any], Any]] = {
    ReLU: lambda layer: torch.nn.ReLU(),
    LeakyReLU: lambda layer: torch.nn.LeakyReLU(layer.slope),
    ELU: lambda layer: torch.nn.ELU(layer.alpha),
    Sigmoid: lambda layer: torch.nn.Sigmoid(),
    Tanh: lambda layer: torch.nn.Tanh(),
}
LOSSES: dict[str, tuple[Loss, Callable[[Any, Any], Any]]] = {
    "cross-entropy": (SoftmaxCrossEntropyLoss(), torch.nn.CrossEntropyLoss()),
    "smoothed cross-entropy": (
        SoftmaxCrossEntropyLoss(label_smoothing=0.1),
        torch.nn.CrossEntropyLoss(label_smoothing=0.1),
    ),
    "binary cross-entropy": (
        SigmoidCrossEntropyLoss(),
        lambda outputs, targets: SIZES[-1] * torch.nn.BCEWithLogitsLoss()(outputs, targets),
    ),
    "squared error": (MSELoss(), torch.nn.MSELoss()),
}


def twin(network: Network) -> Any:
    """The same layers in PyTorch, holding copies of the same weights."""
    return torch.nn.Sequential(*(torch_layer(layer) for layer in network.layers)).double()


def torch_layer(layer: object) -> Any:
    if isinstance(layer, Linear):
        theirs = torch.nn.Linear(layer.fan_in, layer.fan_out)
        theirs.weight.data = torch.tensor(layer.weights.T.copy())
        theirs.bias.data = torch.tensor(layer.biases.copy())
        return theirs
    if isinstance(layer, BatchNorm):
        theirs = torch.nn.BatchNorm1d(layer.size, eps=layer.epsilon, momentum=layer.momentum)
        theirs.weight.data = torch.tensor(layer.scale.copy())
        theirs.bias.data = torch.tensor(layer.shift.copy())
        return theirs
    return ACTIVATIONS[type(layer)](layer)


def parameter_groups(model: Any) -> list[dict[str, Any]]:
    """Weight matrices decay where an optimizer decays at all; biases, scales and shifts never."""
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    others = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    return [{"params": weights}, {"params": others, "weight_decay": 0.0}]


def values(network: Network) -> dict[str, np.ndarray]:
    """Every parameter and running statistic of ours, by the name that PyTorch gives it."""
    found = {}
    for i, layer in enumerate(network.layers):
        if isinstance(layer, Linear):
            found |= {f"{i}.weight": layer.weights.T, f"{i}.bias": layer.biases}
        elif isinstance(layer, BatchNorm):
            found |= {f"{i}.weight": layer.scale, f"{i}.bias": layer.shift}
            found |= {f"{i}.running_mean": layer.running_mean}
            found |= {f"{i}.running_var": layer.running_variance}
    return found


def largest_difference(network: Network, model: Any) -> float:
    """Between any value of ours and its counterpart, each of which must exist."""
    theirs = {
        name: tensor.numpy()
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    ours = values(network)
    assert ours.keys() == theirs.keys()
    return max(float(np.max(np.abs(ours[name] - theirs[name]))) for name in ours)


def assert_the_same_training(network: Network, optimizer: str, loss: str) -> None:
    """Losses, weights and running statistics agree at each step, the predictions at the end."""
    our_loss, their_loss = LOSSES[loss]
    model = twin(network)
    theirs = OPTIMIZERS[optimizer].theirs(parameter_groups(model))
    ours = OPTIMIZERS[optimizer].ours(network)
    before = network.parameters.copy()
    rng = np.random.default_rng(2)
    for step in range(1, STEPS + 1):
        batch = int(rng.integers(5, 20))
        inputs = rng.normal(0.3, 2, size=(batch, SIZES[0]))
        targets = one_hot(rng.integers(0, SIZES[-1], batch), SIZES[-1], np.float64)

        value, gradient = our_loss.value_and_gradient(network.forward(inputs), targets)
        network.backward(gradient)
        ours.step(network.parameters, network.gradients)

        theirs.zero_grad()
        loss_of_batch = their_loss(model(torch.tensor(inputs)), torch.tensor(targets))
        loss_of_batch.backward()
        theirs.step()

        assert abs(value - loss_of_batch.item()) <= TOLERANCE, f"loss of step {step}"
        assert largest_difference(network, model) <= TOLERANCE, f"values after step {step}"
    assert np.max(np.abs(network.parameters - before)) > 0.01  # they did train

    inputs = rng.normal(0.3, 2, size=(30, SIZES[0]))
    model.eval()
    with torch.no_grad():
        predicted = model(torch.tensor(inputs)).numpy()
    np.testing.assert_allclose(network.apply(inputs), predicted, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "batch norm"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str, batch_norm: bool) -> None:
    network = mlp(SIZES, batch_norm=batch_norm, bias_init="uniform", seed=1, dtype=np.float64)
    assert_the_same_training(network, optimizer, "cross-entropy")


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "sigmoid", "tanh"])
@pytest.mark.parametrize("loss", LOSSES)
def test_activations_and_losses(activation: str, loss: str) -> None:
    network = mlp(
        SIZES, activation=activation, batch_norm=True, output="linear", seed=1, dtype=np.float64
    )
    assert_the_same_training(network, "SGD", loss)


@pytest.mark.parametrize(("steps", "warmup"), [(4, 0.3), (7, 0.9), (10, 0.2), (50, 0.3)])
def test_one_cycle(steps: int, warmup: float) -> None:
    """Wherever there is a step to go up in; below, PyTorch's cycle never reaches its peak."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.1, total_steps=steps, pct_start=warmup, div_factor=25
    )
    ours = schedules.one_cycle(0.1, steps=steps, warmup=warmup)
    for step in range(1, steps + 1):
        assert ours(step) == pytest.approx(theirs.get_last_lr()[0], rel=1e-12), f"step {step}"
        optimizer.step()
        if step < steps:
            theirs.step()


def test_a_decay_of_the_biases_would_be_seen() -> None:
    """Left to itself, PyTorch's AdamW decays all parameters: then the two part."""
    network = mlp(SIZES, bias_init="uniform", seed=1, dtype=np.float64)
    model = twin(network)
    everything = [{"params": list(model.parameters()), "weight_decay": DECAY}]
    theirs = OPTIMIZERS["AdamW"].theirs(everything)
    ours = OPTIMIZERS["AdamW"].ours(network)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    network.gradients[:] = 0
    theirs.step()
    ours.step(network.parameters, network.gradients)
    assert largest_difference(network, model) > 1e-5
