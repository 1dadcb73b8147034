"""A trained network learns the hand of one person from a few drawings, and forgets nothing."""

from collections.abc import Iterator, Sequence

import numpy as np

from experiments.drawings.collection import Drawing
from experiments.drawings.mnist_format import centre
from experiments.drawings.rendering import draw
from experiments.drawings.variation import vary
from nnscratch import Adam, Dataset, Loss, Network

STEPS = 60
LEARNING_RATE = 1e-3
REHEARSED, OWN = 96, 32  # training images and own drawings in each batch
# Of the way from the old weights to the new ones. All of it removes half to two thirds of the
# errors of a new hand, and costs up to 0.4 points on MNIST; 0.7 of it removes about half, for
# 0.15 points at most; 0.6 somewhat less, for none that could be told from chance.
KEPT = 0.6

_MOST_VIEWS = 12  # of one drawing
_MOST_IMAGES = 480  # of all drawings, unless there are more of those: a quarter of a second


def fine_tune(
    network: Network, loss: Loss, own: Dataset, train: Dataset, *, seed: int = 0
) -> Iterator[int]:
    """Trains ``network`` in place, step by step; yields how many are done, 1 … ``STEPS``.

    Each batch holds 96 of the images that it learnt from, against forgetting, and 32 of
    ``own``, drawn at random. After the last step the weights go part of the way back to
    where they came from (Wortsman et al. 2022), so take all steps or forget the network.
    """
    before = network.state.copy()
    rng = np.random.default_rng(seed)
    optimizer = Adam(learning_rate=LEARNING_RATE)
    for step in range(1, STEPS + 1):
        parts = [
            dataset.take(rng.integers(0, len(dataset), size))
            for dataset, size in ((train, REHEARSED), (own, OWN))
        ]
        inputs, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
        outputs = network.forward(inputs)  # (batch, classes)
        network.backward(loss.gradient(outputs, network.targets(labels)))
        optimizer.step(network.parameters, network.gradients)
        yield step
    network.state[:] = before + KEPT * (network.state - before)


def views_of(drawings: Sequence[Drawing], *, seed: int = 0) -> Dataset:
    """Every drawing as the network sees it, and again as the same hand might have drawn it.

    Of few drawings there are twelve views each, of many fewer. Raises ``ValueError`` without
    any drawings.
    """
    views = min(max(_MOST_IMAGES // max(len(drawings), 1), 1), _MOST_VIEWS)
    rng = np.random.default_rng(seed)
    images, labels = [], []
    for drawing in drawings:
        varied = (vary(drawing.strokes, rng) for _ in range(views - 1))
        images += [centre(draw(drawing.strokes)), *varied]
        labels += [drawing.label] * views
    return Dataset(np.reshape(images, (len(images), -1)), np.array(labels, np.uint8))


def drawn_once(drawings: Sequence[Drawing]) -> Dataset:
    """Every drawing as the network sees it; ``ValueError`` without any."""
    images = [centre(draw(drawing.strokes)) for drawing in drawings]
    labels = [drawing.label for drawing in drawings]
    return Dataset(np.reshape(images, (len(images), -1)), np.array(labels, np.uint8))
