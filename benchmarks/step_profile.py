"""The time of each part of a step, on one thread: ``python -m benchmarks.step_profile``."""

import time

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.peers.problem import Problem
from nnscratch import Adam, SoftmaxCrossEntropyLoss
from nnscratch.layers import Linear
from nnscratch.readout import decide

EPOCHS = 3
WARM_UP = 500  # steps


class Stopwatch:
    """Splits the time into named laps and keeps every lap."""

    def __init__(self) -> None:
        self.laps: dict[str, list[float]] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Ends a lap: adds the time since the last one to ``name``."""
        now = time.perf_counter()
        self.laps.setdefault(name, []).append(now - self._last)
        self._last = time.perf_counter()


def main() -> None:
    """Prints the median time of each part of a step of the default network, and its share."""
    with threadpool_limits(1):
        watch = _timed_steps(Problem((784, 128, 64, 10), 64, "adam"))
    medians = {name: float(np.median(laps[WARM_UP:])) for name, laps in watch.laps.items()}
    total = sum(medians.values())
    for name, median in medians.items():
        print(f"{name:32} {median * 1e6:7.1f} µs {median / total:7.1%}")


def _timed_steps(problem: Problem) -> Stopwatch:
    """The steps of ``fit``, with a stopwatch between their parts."""
    train, network = problem.train(), problem.network()
    loss, optimizer = SoftmaxCrossEntropyLoss(), Adam(learning_rate=problem.learning_rate)
    layers = list(zip(network.layer_names, network.layers, strict=True))
    orders, watch = problem.orders(), Stopwatch()
    for _ in range(EPOCHS):
        order = next(orders)
        for part in problem.slices(len(train)):
            inputs, labels = train.take(order[part])
            watch.lap("gather and convert the batch")
            outputs = inputs
            for name, layer in layers:
                outputs = layer.forward(outputs)
                watch.lap(f"{name} forward")
            targets = network.targets(labels)
            _, gradient = loss.value_and_gradient(outputs, targets)
            watch.lap("loss and its gradient")
            for name, layer in reversed(layers[1:]):
                gradient = layer.backward(gradient)
                watch.lap(f"{name} backward")
            name, first = layers[0]
            assert isinstance(first, Linear)
            first.backward_parameters(gradient)
            watch.lap(f"{name} backward")
            optimizer.step(network.parameters, network.gradients)
            watch.lap("Adam")
            np.count_nonzero(decide(outputs, network.outputs) == labels)
            watch.lap("count the correct")
    return watch


if __name__ == "__main__":
    main()
