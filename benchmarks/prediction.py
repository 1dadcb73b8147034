"""How long predictions take on one thread: ``python -m benchmarks.prediction``.

The first case is one drawing with the activations of all layers, as in the window. The second
case is 10,000 uint8 images. Each is compared with the matrix products of the same forward pass.
"""

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.peers.problem import Problem
from benchmarks.statistics import Spread, seconds_of
from nnscratch.layers import Linear
from nnscratch.typing import FloatArray


def main() -> None:
    """Prints the median, the quartiles and the ratio to the matrix products of each case."""
    problem = Problem((784, 128, 64, 10), 64, "adam")
    network = problem.network()
    weights = [layer.weights for layer in network.layers if isinstance(layer, Linear)]
    pixels = np.random.default_rng(0).integers(0, 256, (10_000, problem.sizes[0]), np.uint8)
    drawing = pixels[:1].astype(np.float32) / 255
    features = pixels.astype(np.float32) / 255

    def products(inputs: FloatArray) -> None:
        for w in weights:
            inputs = inputs @ w

    with threadpool_limits(1):
        _compare(
            "one drawing, all activations",
            lambda: network.activations(drawing),
            lambda: products(drawing),
            repeats=5000,
        )
        _compare(
            "10,000 images from uint8",
            lambda: network.predict(pixels),
            lambda: products(features),
            repeats=50,
        )


def _compare(
    title: str, predict: Callable[[], object], floor: Callable[[], object], *, repeats: int
) -> None:
    """Times both functions in turns and prints a line."""
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(seconds_of(predict))
        theirs.append(seconds_of(floor))
    spread = Spread.of(ours)
    ratio = spread.median / Spread.of(theirs).median
    print(
        f"{title:30} {spread.median * 1e6:9,.0f} µs "
        f"({spread.lower * 1e6:,.0f}–{spread.upper * 1e6:,.0f}), "
        f"{ratio:.2f} × its matrix products"
    )


if __name__ == "__main__":
    main()
