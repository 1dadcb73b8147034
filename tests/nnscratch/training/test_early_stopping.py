"""Early stopping and the best weights."""

import numpy as np
import pytest

from nnscratch import BestWeights, EarlyStopping, Epoch, mlp


def epoch(number: int, loss: float | None, accuracy: float | None = 0.5) -> Epoch:
    return Epoch(number, 0.1, 0.9, loss, accuracy, 0.01, 1.0)


def stopped_after(losses: list[float], patience: int, min_delta: float = 0.0) -> int | None:
    stopping = EarlyStopping(patience, min_delta=min_delta)
    for number, loss in enumerate(losses, start=1):
        if stopping.update(epoch(number, loss)):
            assert stopping.should_stop
            return number
    return None


def test_training_stops_when_the_patience_is_used_up() -> None:
    assert stopped_after([5, 4, 3, 3.5, 3.2, 1], patience=2) == 5
    assert stopped_after([5, 4, 3, 3.5, 3.2, 1], patience=3) is None
    assert stopped_after([5, 5], patience=1) == 2
    assert stopped_after([5, float("nan"), float("nan")], patience=2) == 3


def test_gains_up_to_min_delta_do_not_count() -> None:
    losses = [5.0, 4.9, 4.8, 4.7, 4.6]
    assert stopped_after(losses, patience=2) is None
    assert stopped_after(losses, patience=2, min_delta=0.5) == 3
    assert stopped_after(losses, patience=2, min_delta=0.15) is None
    assert stopped_after([4.0, 3.5], patience=1, min_delta=0.5) == 2


def test_reaching_the_goal_ends_training_for_good() -> None:
    stopping = EarlyStopping(100, goal=0.9)
    reached = [stopping.update(epoch(n, 1.0, a)) for n, a in enumerate([0.8, 0.89, 0.9, 0.5])]
    assert reached == [False, False, True, True]


def test_the_best_weights_come_back_with_their_statistics() -> None:
    network = mlp([2, 4, 3], batch_norm=True, seed=0)
    best = BestWeights(network)
    taken = []
    for number, accuracy, loss in [(1, 0.5, 1.0), (2, 0.8, 0.9), (3, 0.8, 0.95), (4, 0.8, 0.7)]:
        network.state[:] = number
        taken.append(best.update(epoch(number, loss, accuracy)))
    network.state[:] = 9
    best.restore()
    assert taken == [True, True, False, True]
    assert best.epoch is not None
    assert best.epoch.number == 4
    np.testing.assert_array_equal(network.state, 4)


def test_the_best_weights_resume_with_or_without_a_history() -> None:
    network, earlier = mlp([2, 3], seed=0), mlp([2, 3], seed=1)
    best = BestWeights(network)
    best.resume([], earlier)
    best.restore()
    np.testing.assert_array_equal(network.state, mlp([2, 3], seed=0).state)
    assert best.epoch is None

    history = [epoch(1, 1.0, 0.5), epoch(2, 0.9, 0.8), epoch(3, 0.9, 0.8), epoch(4, 0.7, 0.7)]
    best.resume(history, earlier)
    assert best.epoch is history[1], "the first of two equal epochs"
    assert not best.update(epoch(5, 0.9, 0.8))
    best.restore()
    np.testing.assert_array_equal(network.state, earlier.state)
    assert best.update(epoch(6, 0.8, 0.8))


@pytest.mark.parametrize("watcher", [EarlyStopping(2), BestWeights(mlp([2, 3]))])
def test_both_need_validation_data(watcher) -> None:
    with pytest.raises(ValueError, match="validation"):
        watcher.update(epoch(1, None, None))


@pytest.mark.parametrize(
    "setting",
    [{"patience": 0}, {"patience": 1, "min_delta": -1.0}, {"patience": 1, "goal": 95}],
)
def test_an_invalid_setting_is_named(setting) -> None:
    with pytest.raises(ValueError, match=list(setting)[-1]):
        EarlyStopping(**setting)
