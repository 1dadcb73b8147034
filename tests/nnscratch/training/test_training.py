"""The training loop: what it learns, what it reports, and where it stops."""

import time
from typing import Any

import numpy as np
import pytest

from nnscratch import (
    SGD,
    Adam,
    AdamW,
    CrossEntropyLoss,
    Dataset,
    DivergenceError,
    Loss,
    MSELoss,
    PartialEpoch,
    RMSProp,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
    Training,
    evaluate,
    fit,
    mlp,
)
from nnscratch.randomness import generator
from nnscratch.training.averaging import WeightAverage
from nnscratch.training.clipping import norm_clipping


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
    """The loss falls below 0.1 within 500 epochs, for every seed."""
    network = mlp([2, 8, 1], activation="tanh", init="xavier_normal", output=output, seed=seed)
    epochs = fit(network, loss, Adam(learning_rate=0.05), xor, epochs=500, batch_size=4, seed=seed)
    assert any(epoch.train_loss < 0.1 for epoch in epochs)
    np.testing.assert_array_equal(network.predict(xor.inputs), xor.labels)


def test_epoch_samples_are_drawn_anew_for_each_epoch(blobs: Dataset) -> None:
    def training(data: Dataset, **options: Any) -> tuple[Training, np.ndarray]:
        network, optimizer = mlp([2, 4, 3], seed=0), SGD(learning_rate=0.1)
        given = {"epochs": 4, "batch_size": 32, **options}
        return fit(network, SoftmaxCrossEntropyLoss(), optimizer, data, **given), network.parameters

    first, parameters = training(blobs, epoch_samples=100)
    next(first)
    state = first.state()
    assert state.step == 4, "three batches of 32, and one of 4"
    resumed, the_same = training(blobs, epoch_samples=100, resume=state)
    assert [len(list(rest)) for rest in (first, resumed)] == [3, 3]
    np.testing.assert_array_equal(the_same, parameters)
    # Four epochs of the first 100 samples give other weights.
    drawn = generator(0, "shuffle").permutation(303)[:100]
    again, others = training(blobs.subset(drawn))
    list(again)
    assert (others != parameters).any()
    with pytest.raises(ValueError, match="epoch_samples=304, but there are only 303"):
        training(blobs, epoch_samples=304)


def test_an_epoch_reports_losses_accuracies_and_the_rate(blobs: Dataset) -> None:
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


def test_an_epoch_reports_the_rate_of_its_last_step(blobs: Dataset) -> None:
    rule = SGD(learning_rate=lambda step: 1 / step)
    epochs = fit(mlp([2, 3]), SoftmaxCrossEntropyLoss(), rule, blobs, epochs=2, batch_size=101)
    assert [epoch.learning_rate for epoch in epochs] == [1 / 3, 1 / 6]


def test_a_watch_is_called_every_100_batches(blobs: Dataset) -> None:
    told: list[PartialEpoch] = []
    options: dict[str, Any]
    network, loss = mlp([2, 3], seed=0), SoftmaxCrossEntropyLoss()
    # 303 samples, one at a time, with steps too small to change the loss.
    training = fit(
        network,
        loss,
        SGD(learning_rate=1e-12),
        blobs,
        epochs=2,
        batch_size=1,
        seed=5,
        watch=told.append,
    )
    list(training)
    assert [(part.number, part.batch) for part in told] == [
        (number, batch) for number in (1, 2) for batch in (100, 200, 300)
    ]
    assert {part.batches for part in told} == {303}
    order = generator(5, "shuffle").permutation(303)[:200]
    seen = evaluate(network, loss, blobs.subset(order))
    assert told[1].train_loss == pytest.approx(seen.loss, rel=1e-5)
    assert told[1].train_accuracy == seen.accuracy
    told.clear()
    options = {"epochs": 1, "batch_size": 1, "epoch_samples": 150, "watch": told.append}
    list(fit(network, loss, SGD(), blobs, **options))
    assert [(part.batch, part.batches) for part in told] == [(100, 150)]


def test_train_loss_weighs_the_short_last_batch_by_its_samples(blobs: Dataset) -> None:
    """303 samples are three batches of 100 and one of 3. The mean of batch means would be wrong."""
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


def test_nothing_is_trained_before_the_first_epoch_is_asked_for_nor_after_break(blobs) -> None:
    network = mlp([2, 3], seed=0)
    before = network.parameters.copy()
    epochs = fit(network, SoftmaxCrossEntropyLoss(), Adam(), blobs, epochs=10, batch_size=16)
    np.testing.assert_array_equal(network.parameters, before)
    for _ in epochs:
        break
    assert np.any(network.parameters != before)
    state = epochs.state()
    assert (state.epoch, state.step) == (1, 19), "one epoch of 303 samples in batches of 16"
    np.testing.assert_array_equal(state.vectors["parameters"], network.parameters)


def test_seconds_are_those_of_the_training_pass(blobs: Dataset, monkeypatch) -> None:
    """A clock of its own: each evaluation of the loss takes a second, all else takes none."""
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)

    class TakesASecond(Loss):
        def per_sample(self, outputs, targets):
            nonlocal now
            now += 1
            return MSELoss().per_sample(outputs, targets)

    network = mlp([2, 3], output="linear", seed=0)
    training = fit(network, TakesASecond(), SGD(), blobs, blobs, epochs=2, batch_size=101)
    assert [epoch.seconds for epoch in training] == [3, 3], "three batches, and no validation"
    assert now == 8


def test_divergence_stops_at_once_and_names_the_batch(blobs: Dataset) -> None:
    network = mlp([2, 8, 3], seed=0)
    runaway = SGD(learning_rate=1e30)
    with pytest.raises(DivergenceError, match=r"epoch 1, batch \d+, at learning rate 1e\+30"):
        list(fit(network, SoftmaxCrossEntropyLoss(), runaway, blobs, epochs=5, batch_size=16))


def diverge(network, dataset, optimizer=None, loss=None, **options) -> str:
    """The message of the DivergenceError that this training raises."""
    loss, optimizer = loss or SoftmaxCrossEntropyLoss(), optimizer or SGD(learning_rate=0.5)
    options = {"epochs": 3, "batch_size": 16, **options}
    with pytest.raises(DivergenceError) as caught:
        list(fit(network, loss, optimizer, dataset, **options))
    return str(caught.value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_nan_or_infinity_in_the_data_is_named(blobs: Dataset, value, activation) -> None:
    """A sigmoid maps infinity to 0 or 1. There the gradient shows it."""
    inputs = np.array(blobs.inputs, np.float32)
    inputs[7, 1] = value
    network = mlp([2, 8, 3], activation=activation, seed=0)
    message = diverge(network, Dataset(inputs, blobs.labels), batch_size=303)
    assert message.startswith(f"{value} in the inputs of layer 1.Linear in epoch 1, batch 1, at")
    assert "learning rate 0.5: clean the data" in message
    assert np.isfinite(network.parameters).all(), "the batch causes no step"


def test_divergence_names_the_layer_whose_outputs_overflowed_first(blobs: Dataset) -> None:
    network = mlp([2, 8, 8, 3], init="constant:0.5", seed=0)
    [_, _, second, *_] = network.layers
    second.weights[:] = 3e38  # type: ignore[attr-defined]
    assert "inf in the outputs of layer 3.Linear in epoch 1, batch 1, at" in diverge(network, blobs)


def test_divergence_names_the_layer_where_backpropagation_overflowed_first(blobs: Dataset) -> None:
    """Loss and outputs are finite, the gradient is not."""

    class Steep(MSELoss.__base__):  # type: ignore[misc]
        def per_sample(self, outputs, targets):
            return np.zeros(len(outputs)), np.full_like(outputs, 1e35)

    network = mlp([2, 8, 8, 3], init="constant:0.5", seed=0)
    network.layers[4].weights[:] = 1e5  # type: ignore[attr-defined]
    message = diverge(network, blobs, loss=Steep())
    assert "in the gradient of layer 3.Linear in epoch 1, batch 1, at learning rate 0.5" in message


def test_a_loss_that_overflows_is_named(blobs: Dataset) -> None:
    network = mlp([2, 3], output="linear", init="constant:1e20", seed=0)
    assert "inf in the loss after layer 1.Linear in epoch 1, batch 1" in diverge(
        network, blobs, loss=MSELoss()
    )


def test_the_epochs_before_a_divergence_were_yielded(blobs: Dataset) -> None:
    """An epoch has 19 steps. The rate explodes at step 45."""
    network = mlp([2, 8, 3], seed=0)
    exploding = SGD(learning_rate=lambda step: 0.01 if step < 45 else 1e30)
    epochs = fit(network, MSELoss(), exploding, blobs, epochs=5, batch_size=16)
    assert [next(epochs).number, next(epochs).number] == [1, 2]
    with pytest.raises(DivergenceError, match=r"epoch 3, batch [78], at learning rate 1e\+30"):
        next(epochs)


def test_weights_that_overflow_at_the_last_step_are_found(blobs: Dataset) -> None:
    network = mlp([2, 8, 3], seed=0)
    message = diverge(network, blobs, SGD(learning_rate=1e40), epochs=1, batch_size=303)
    assert "in the weights of layer 3.Linear in epoch 1, batch 1, at learning rate 1e+40" in message


def test_a_large_but_finite_gradient_is_no_divergence() -> None:
    """Only the sum of its squares overflows float32."""
    dataset = Dataset(np.full((4, 1), 1e25, np.float32), np.array([0, 1, 0, 1]))
    network = mlp([1, 2], output="linear", init="zeros")
    list(fit(network, MSELoss(), SGD(learning_rate=1e-30), dataset, epochs=1, batch_size=4))
    assert np.abs(network.gradients).max() > 1e24
    assert np.isfinite(network.parameters).all()


def test_weights_that_overflow_are_named_with_the_batch_of_that_step(blobs: Dataset) -> None:
    """The outputs of the next batch would only be a consequence."""
    network = mlp([2, 8, 3], seed=0)
    once = SGD(learning_rate=lambda step: 1e41 if step == 6 else 0.1)
    message = diverge(network, blobs, once, batch_size=101)
    assert "weights of layer 3.Linear in epoch 2, batch 3, at learning rate 1e+41" in message


@pytest.mark.parametrize("optimizer", [Adam(), RMSProp(), AdamW()])
def test_a_second_moment_that_overflows_stops_the_run(optimizer) -> None:
    """The gradient is finite, its square is not. Every later step would be 0."""
    inputs = np.ones((64, 1), np.float32)
    inputs[40] = 1e22
    dataset = Dataset(inputs, np.arange(64) % 2)
    message = diverge(mlp([1, 2], init="zeros"), dataset, optimizer, batch_size=64)
    assert "inf in the second moment of layer 1.Linear in epoch 1, batch 1, at" in message


def test_a_running_statistic_that_overflows_stops_the_run() -> None:
    """The batch's variance overflows too. All normalized inputs are 0, so nothing is learned."""
    inputs = np.random.default_rng(0).normal(size=(64, 2)) * 1e20
    dataset = Dataset(inputs, np.arange(64) % 2)
    message = diverge(mlp([2, 8, 2], batch_norm=True), dataset, batch_size=32)
    assert "in the running_variance of layer 2.BatchNorm in epoch 1, batch 2, at" in message


def test_a_clipped_gradient_overflows_no_moment() -> None:
    inputs = np.full((64, 1), 1e22, np.float32)
    dataset = Dataset(inputs, np.arange(64) % 2)
    adam = Adam(learning_rate=1e-30)
    [_] = fit(
        mlp([1, 2], init="zeros"),
        SoftmaxCrossEntropyLoss(),
        adam,
        dataset,
        epochs=1,
        batch_size=64,
        max_gradient_norm=1.0,
    )
    assert np.isfinite(adam.moments["second"]).all()


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_infinite_validation_data_stop_the_run(blobs: Dataset, activation: str) -> None:
    """Also where a sigmoid maps infinity to 0 or 1."""
    many = np.arange(1500) % 303
    inputs = np.array(blobs.inputs, np.float32)[many]
    inputs[1200, 0] = np.inf
    validation = Dataset(inputs, blobs.labels[many])
    network = mlp([2, 4, 3], activation=activation, seed=0)
    loss = SoftmaxCrossEntropyLoss()
    epochs = fit(network, loss, SGD(), blobs, validation, epochs=2, batch_size=64)
    expected = (
        r"^in the validation after epoch 1, at learning rate 0\.01: inf in the inputs of layer "
        r"1\.Linear in batch 2: clean the data$"
    )
    with pytest.raises(DivergenceError, match=expected):
        next(epochs)
    with pytest.raises(DivergenceError, match=r"^inf in the inputs .* in batch 13: clean"):
        evaluate(network, loss, validation, batch_size=100)
    network.parameters[-1] = np.nan
    with pytest.raises(DivergenceError, match=r"nan in the outputs of layer 3\.Linear in batch 1"):
        evaluate(network, loss, blobs)


@pytest.mark.parametrize("why", [KeyboardInterrupt, DivergenceError])
def test_a_training_interrupted_within_an_epoch_cannot_continue(blobs: Dataset, why) -> None:
    """Its weights are those of half an epoch."""

    def schedule(step: int) -> float:
        if step == 6:
            raise why
        return 0.1

    network = mlp([2, 3], seed=0)
    loss, rule = SoftmaxCrossEntropyLoss(), SGD(learning_rate=schedule)
    training = fit(network, loss, rule, blobs, epochs=5, batch_size=101)
    next(training)
    training.state()
    with pytest.raises(why):
        next(training)
    with pytest.raises(RuntimeError, match="interrupted within an epoch"):
        training.state()
    with pytest.raises(RuntimeError, match="interrupted within an epoch"):
        list(training)


def test_adamw_decays_only_weights_by_default(blobs: Dataset) -> None:
    def moved(**mask) -> np.ndarray:
        """Which parameters weight decay has changed. Adam's own step has the length 0."""
        network = mlp([2, 4, 3], batch_norm=True, bias_init="constant:1", seed=0)
        before = network.parameters.copy()
        rule = AdamW(learning_rate=0.1, weight_decay=0.5, epsilon=1e30, **mask)
        list(fit(network, SoftmaxCrossEntropyLoss(), rule, blobs, epochs=1, batch_size=303))
        return np.abs(network.parameters - before) > 1e-6

    mask = mlp([2, 4, 3], batch_norm=True).decay_mask
    np.testing.assert_array_equal(moved(), mask)
    assert not moved(decay_mask=np.zeros_like(mask)).any()


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("softmax", SoftmaxCrossEntropyLoss()),
        ("linear", SoftmaxCrossEntropyLoss()),
        ("logits", CrossEntropyLoss()),
        ("logits", SigmoidCrossEntropyLoss()),
        ("sigmoid", SigmoidCrossEntropyLoss()),
    ],
)
def test_a_loss_that_needs_another_output_is_refused(blobs: Dataset, output, loss) -> None:
    network, name = mlp([2, 3], output=output), type(loss).__name__
    with pytest.raises(ValueError, match=f"{name} takes the outputs"):
        fit(network, loss, SGD(), blobs, epochs=1, batch_size=8)
    with pytest.raises(ValueError, match=f"{name} takes the outputs"):
        evaluate(network, loss, blobs)


@pytest.mark.parametrize("output", ["logits", "sigmoid_logits", "softmax", "sigmoid", "linear"])
def test_mse_fits_every_output(blobs: Dataset, output) -> None:
    next(fit(mlp([2, 3], output=output), MSELoss(), SGD(), blobs, epochs=1, batch_size=64))


# --- clipping and averaging ---------------------------------------------------------------


def test_the_clipped_gradient_keeps_its_direction() -> None:
    gradients = np.array([3.0, -4.0])
    norm_clipping(10)(gradients)
    np.testing.assert_array_equal(gradients, [3, -4])
    norm_clipping(1)(gradients)
    np.testing.assert_allclose(gradients, [0.6, -0.8])


def test_clipping_works_where_the_sum_of_squares_overflows() -> None:
    gradients = np.full(4, 1e30, np.float32)
    norm_clipping(2)(gradients)
    np.testing.assert_allclose(gradients, 1, rtol=1e-6)


def test_clipping_bounds_every_step_of_sgd(blobs: Dataset) -> None:
    """Three batches are three steps of length 0.5 · 0.01 at most."""
    network = mlp([2, 8, 3], seed=0)
    before = network.parameters.copy()
    [_] = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        SGD(learning_rate=0.5),
        blobs,
        epochs=1,
        batch_size=101,
        max_gradient_norm=0.01,
    )
    moved = np.linalg.norm(network.parameters - before)
    assert 0.010 < moved <= 0.01501


def test_each_step_in_the_average_has_d_times_the_weight_of_the_next() -> None:
    average = WeightAverage(np.full(3, 1e6), decay=0.9)
    weights = np.random.default_rng(0).normal(size=(20, 3))
    for theta in weights:
        average.update(theta)
    factors = 0.9 ** np.arange(19, -1, -1)
    np.testing.assert_allclose(average.mean, factors @ weights / factors.sum(), rtol=1e-9)


def test_the_network_holds_the_average_between_epochs_and_trains_without_it(blobs) -> None:
    """The steps are those of a training without an average."""

    def train(ema_decay: float | None) -> tuple[list[np.ndarray], Training]:
        network = mlp([2, 8, 3], seed=0)
        optimizer = Adam(learning_rate=0.01)
        training = fit(
            network,
            SoftmaxCrossEntropyLoss(),
            optimizer,
            blobs,
            blobs,
            epochs=3,
            batch_size=303,
            ema_decay=ema_decay,
        )
        return [network.parameters.copy() for _ in training], training

    plain, _ = train(None)
    shown, training = train(0.5)
    d = np.array([0.25, 0.5, 1])
    expected = d @ np.array(plain) / d.sum()
    np.testing.assert_allclose(shown[-1], expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(training.state().vectors["parameters"], plain[-1])
    np.testing.assert_array_equal(training.state().vectors["average"], shown[-1])


def test_evaluation_refuses_data_of_other_classes(blobs: Dataset) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        evaluate(mlp([2, 2]), MSELoss(), blobs)
    for batch_size in (0, -1, 2.0):
        with pytest.raises(ValueError, match="batch_size must be a whole number"):
            evaluate(mlp([2, 3]), MSELoss(), blobs, batch_size=batch_size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "setting",
    [
        {"epochs": 0},
        {"epochs": -1},
        {"epochs": 1.5},
        {"batch_size": 0},
        {"batch_size": 2.0},
        {"epoch_samples": 0},
        {"max_gradient_norm": 0.0},
        {"ema_decay": 1.0},
        {"ema_decay": -0.1},
    ],
    ids=str,
)
def test_an_invalid_setting_is_named_before_anything_is_trained(blobs, setting) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        fit(mlp([2, 3]), MSELoss(), Adam(), blobs, **{"epochs": 1, "batch_size": 8, **setting})


@pytest.mark.parametrize("sizes", [[3, 3], [2, 2]])
def test_data_that_do_not_fit_the_network_are_refused(blobs: Dataset, sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        fit(mlp(sizes), MSELoss(), Adam(), blobs, epochs=1, batch_size=8)


def test_training_learns_digits() -> None:
    """The test digits are by other writers. A linear model has an accuracy of 91 %."""
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
