"""Diagnostics: what they measure, and that they change nothing."""

import numpy as np
import pytest

from nnscratch import (
    SGD,
    Adam,
    CrossEntropyLoss,
    Dataset,
    Loss,
    SoftmaxCrossEntropyLoss,
    fit,
    mlp,
    one_hot,
    weights_digest,
)
from nnscratch.architectures import Output
from nnscratch.inspection.diagnostics import diagnose, gradient_noise, misclassified

LOSS = SoftmaxCrossEntropyLoss()


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    return Dataset((rng.normal(size=(120, 4)) + np.eye(3, 4)[labels]).astype(np.float32), labels)


def test_gradient_norm_and_update_ratio_are_those_of_the_next_step(dataset: Dataset) -> None:
    network = mlp([4, 6, 3], seed=0)
    inputs, labels = dataset.take(slice(None))
    found = diagnose(network, LOSS, SGD(learning_rate=0.1), inputs, labels)
    network.backward(LOSS.gradient(network.forward(inputs), one_hot(labels, 3)))
    for name in ("1.Linear", "3.Linear"):
        part = network.layer_parts[name]
        gradient, weights = network.gradients[part], network.parameters[part]
        norm = float(np.linalg.norm(gradient))
        assert found[name].gradient_norm == pytest.approx(norm, rel=1e-5)
        ratio = 0.1 * norm / np.linalg.norm(weights)
        assert found[name].update_ratio == pytest.approx(ratio, rel=1e-4)


def test_activations_are_measured_layer_by_layer(dataset: Dataset) -> None:
    network = mlp([4, 6, 3], seed=0)
    inputs, labels = dataset.take(slice(None))
    found = diagnose(network, LOSS, Adam(), inputs, labels)
    assert list(found) == ["1.Linear", "2.ReLU", "3.Linear"]
    for entry, outputs in zip(found.values(), network.activations(inputs), strict=True):
        assert entry.activation_mean == pytest.approx(outputs.mean(), rel=1e-4, abs=1e-6)
        assert entry.activation_std == pytest.approx(outputs.std(), rel=1e-4)
        spread = np.sqrt(outputs.var(axis=0).mean())
        assert entry.sample_std == pytest.approx(spread, rel=1e-4)
    measured = {"activation_mean", "activation_std", "sample_std", "dead_fraction"}
    assert set(found["2.ReLU"].metrics()) == measured


def test_a_unit_that_is_0_on_every_sample_is_dead(dataset: Dataset) -> None:
    network = mlp([4, 8, 3], seed=0)
    network.layers[0].biases[:] = [-100, -100, 0, 0, 0, 0, 0, 100]  # type: ignore[attr-defined]
    found = diagnose(network, LOSS, Adam(), *dataset.take(slice(None)))
    assert found["2.ReLU"].dead_fraction == 2 / 8


@pytest.mark.parametrize(
    ("activation", "bias", "share"),
    [("sigmoid", 2.9, 0), ("sigmoid", 3, 1), ("tanh", -1.4, 0), ("tanh", -1.5, 1)],
)
def test_an_output_near_the_end_of_its_range_is_saturated(dataset, activation, bias, share) -> None:
    network = mlp([4, 8, 3], activation=activation, init="zeros")
    network.layers[0].biases[:] = bias  # type: ignore[attr-defined]
    found = diagnose(network, LOSS, Adam(), *dataset.take(slice(None)))
    [entry] = [e for name, e in found.items() if name.endswith(("Sigmoid", "Tanh"))]
    assert entry.saturated_fraction == share


def test_units_with_the_same_weights_are_counted_once(dataset: Dataset) -> None:
    network = mlp([4, 8, 3], seed=0)
    network.layers[0].weights[:, :3] = 0.1  # type: ignore[attr-defined]
    found = diagnose(network, LOSS, Adam(), *dataset.take(slice(None)))
    assert found["1.Linear"].distinct_units == 6
    assert found["2.ReLU"].distinct_units is None


def test_only_the_pairing_has_a_gradient_for_confident_mistakes() -> None:
    """The outputs are 60 apart: p − t has the length √2, the unpaired gradient about 10⁻¹⁹."""
    inputs, labels = np.eye(2, dtype=np.float32), np.array([1, 0])
    routes: tuple[tuple[Output, Loss], ...] = (("logits", LOSS), ("softmax", CrossEntropyLoss()))
    lengths = {}
    for output, loss in routes:
        network = mlp([2, 2], output=output)
        network.layers[0].weights[:] = 60 * inputs  # type: ignore[attr-defined]
        found = misclassified(network, loss, inputs, labels)
        lengths[output] = found["misclassified_gradient"]
        assert found["misclassified_vanishing"] == (output == "softmax")
        assert misclassified(network, loss, inputs, labels[::-1]) == {}, "all are correct"
    assert lengths["logits"] == pytest.approx(np.sqrt(2), rel=1e-6)
    assert lengths["softmax"] < 1e-15


@pytest.mark.parametrize("label", [-1, 3])
def test_invalid_labels_are_refused(dataset: Dataset, label: int) -> None:
    inputs, labels = dataset.take(slice(None))
    with pytest.raises(ValueError, match="label"):
        diagnose(mlp([4, 8, 3]), LOSS, Adam(), inputs, np.full_like(labels, label))


def test_weights_of_zero_have_no_update_ratio(dataset: Dataset) -> None:
    network = mlp([4, 8, 3], init="zeros")
    found = diagnose(network, LOSS, Adam(), *dataset.take(slice(None)))
    assert found["1.Linear"].update_ratio is None
    assert found["1.Linear"].gradient_norm == 0


def test_diagnostics_change_no_bit_of_the_training(dataset: Dataset) -> None:
    def train(diagnosed: bool) -> str:
        network = mlp([4, 16, 8, 3], batch_norm=True, dropout=0.3, input_dropout=0.1, seed=0)
        optimizer = Adam(learning_rate=0.01)
        for _ in fit(network, LOSS, optimizer, dataset, epochs=3, batch_size=32, ema_decay=0.9):
            if diagnosed:
                before = network.gradients.copy()
                diagnose(network, LOSS, optimizer, *dataset.take(slice(0, 100)))
                noise(network, dataset, 32)
                np.testing.assert_array_equal(network.gradients, before)
        return weights_digest(network)

    assert train(diagnosed=True) == train(diagnosed=False)


def noise(network, dataset: Dataset, batch_size: int) -> float:
    return gradient_noise(network, LOSS, dataset, batch_size, np.random.default_rng(0))


def test_gradient_noise_falls_as_the_root_of_the_batch_size(dataset: Dataset) -> None:
    network = mlp([4, 8, 3], seed=0)
    one, sixteen = noise(network, dataset, 1), noise(network, dataset, 16)
    # Batches are drawn without replacement, which makes the noise of 16 of 120 a little smaller.
    assert one / sixteen == pytest.approx(4 * np.sqrt(119 / 104), rel=0.3)
    assert noise(network, dataset, 120) == noise(network, dataset, 1000) == 0
    inputs, labels = dataset.take(slice(0, 1))
    same = Dataset(np.repeat(inputs, 60, axis=0), np.repeat(labels, 60))
    assert noise(network, same, 4) == pytest.approx(0, abs=1e-5)


def test_the_noise_of_single_samples_is_the_spread_of_their_gradients(dataset: Dataset) -> None:
    network = mlp([4, 8, 3], seed=0)
    gradients = []
    for position in range(len(dataset)):
        inputs, labels = dataset.take(slice(position, position + 1))
        network.backward(LOSS.gradient(network.forward(inputs), one_hot(labels, 3)))
        gradients.append(network.gradients.copy())
    mean = np.mean(gradients, axis=0)
    spread = np.sqrt(np.square(gradients - mean).sum(axis=1).mean()) / np.linalg.norm(mean)
    assert noise(network, dataset, 1) == pytest.approx(spread, rel=0.2)
