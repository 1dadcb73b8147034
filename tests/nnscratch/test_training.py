"""The loop: it learns, it repeats itself, it stops where it should."""

from typing import Any

import numpy as np
import pytest

from nnscratch import (
    SGD,
    Adam,
    Dataset,
    DivergenceError,
    MSELoss,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
    evaluate,
    fit,
    mlp,
)


@pytest.fixture
def blobs() -> Dataset:
    """Three Gaussian clouds."""
    rng = np.random.default_rng(0)
    labels = np.arange(303) % 3
    return Dataset(rng.normal(size=(303, 2)) + 8 * np.eye(3, 2)[labels], labels)


@pytest.fixture
def xor() -> Dataset:
    return Dataset(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


@pytest.mark.parametrize(
    ("loss", "output"), [(SigmoidCrossEntropyLoss(), "sigmoid_logits"), (MSELoss(), "sigmoid")]
)
@pytest.mark.parametrize("seed", range(20))
def test_a_2_8_1_network_learns_xor(xor: Dataset, loss, output, seed: int) -> None:
    """The sanity check of backpropagation: loss below 0.1 within 500 epochs, for every seed."""
    network = mlp([2, 8, 1], activation="tanh", init="xavier_normal", output=output, seed=seed)
    epochs = fit(network, loss, Adam(learning_rate=0.05), xor, epochs=500, batch_size=4, seed=seed)
    assert any(epoch.train_loss < 0.1 for epoch in epochs)
    np.testing.assert_array_equal(network.predict(xor.inputs), xor.labels)


def test_epochs_report_what_happened(blobs: Dataset) -> None:
    network = mlp([2, 16, 3], seed=0)
    history = list(
        fit(
            network,
            SoftmaxCrossEntropyLoss(),
            Adam(learning_rate=0.01),
            blobs,
            blobs,
            epochs=8,
            batch_size=32,
        )
    )
    assert [epoch.number for epoch in history] == list(range(1, 9))
    assert history[-1].train_loss < history[0].train_loss / 2
    assert history[-1].val_accuracy is not None
    assert history[-1].val_accuracy > 0.95
    assert all(epoch.seconds > 0 and epoch.learning_rate == 0.01 for epoch in history)
    measured = evaluate(network, SoftmaxCrossEntropyLoss(), blobs, batch_size=7)
    assert measured.accuracy == history[-1].val_accuracy
    assert measured.loss == pytest.approx(history[-1].val_loss, rel=1e-5)
    np.testing.assert_array_equal(measured.predictions, network.predict(blobs.inputs))


def test_train_loss_weighs_the_short_last_batch_by_its_samples(blobs: Dataset) -> None:
    """303 samples in batches of 100 leave a batch of 3; a mean of batch means would be wrong."""
    network = mlp([2, 3], seed=0)
    frozen = SGD(learning_rate=1e-30)
    [epoch] = fit(
        network, SoftmaxCrossEntropyLoss(), frozen, blobs, blobs, epochs=1, batch_size=100
    )
    assert epoch.train_loss == pytest.approx(epoch.val_loss, rel=1e-5)
    assert epoch.train_accuracy == epoch.val_accuracy


def test_the_same_seed_gives_the_same_weights(blobs: Dataset) -> None:
    def train(seed: int) -> np.ndarray:
        network = mlp([2, 16, 3], seed=0)
        list(
            fit(
                network,
                SoftmaxCrossEntropyLoss(),
                Adam(),
                blobs,
                epochs=2,
                batch_size=16,
                seed=seed,
            )
        )
        return network.parameters

    np.testing.assert_array_equal(train(1), train(1))
    assert np.any(train(1) != train(2))


def test_break_stops_and_nothing_starts_before_it_is_asked_for(blobs: Dataset) -> None:
    network = mlp([2, 3], seed=0)
    before = network.parameters.copy()
    epochs = fit(network, SoftmaxCrossEntropyLoss(), Adam(), blobs, epochs=10, batch_size=16)
    np.testing.assert_array_equal(network.parameters, before)
    for _ in epochs:
        break
    after_one = network.parameters.copy()
    assert np.any(after_one != before)


def test_divergence_stops_at_once_and_names_where(blobs: Dataset) -> None:
    network = mlp([2, 8, 3], seed=0)
    runaway = SGD(learning_rate=1e30)
    with pytest.raises(DivergenceError, match=r"epoch 1, batch \d+, at learning rate 1e\+30"):
        list(fit(network, SoftmaxCrossEntropyLoss(), runaway, blobs, epochs=5, batch_size=16))


@pytest.mark.parametrize("setting", [{"epochs": 0}, {"batch_size": 0}, {"epochs": -1}])
def test_settings_out_of_range_are_refused_before_anything_is_trained(blobs, setting) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        fit(mlp([2, 3]), MSELoss(), Adam(), blobs, **{"epochs": 1, "batch_size": 8, **setting})


@pytest.mark.parametrize("sizes", [[3, 3], [2, 2]])
def test_data_that_do_not_fit_the_network_are_refused(blobs: Dataset, sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        fit(mlp(sizes), MSELoss(), Adam(), blobs, epochs=1, batch_size=8)


def test_training_learns_digits() -> None:
    """Real images by hands that the training has not seen; a linear model reaches 91 %."""
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    inputs, labels = (digits.data / 16).astype(np.float32), digits.target
    train, test = Dataset(inputs[:1400], labels[:1400]), Dataset(inputs[1400:], labels[1400:])
    network = mlp([64, 64, 10], seed=0)
    list(
        fit(
            network,
            SoftmaxCrossEntropyLoss(),
            Adam(learning_rate=3e-3),
            train,
            epochs=20,
            batch_size=32,
        )
    )
    assert evaluate(network, SoftmaxCrossEntropyLoss(), test).accuracy > 0.9
