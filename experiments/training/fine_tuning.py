"""Fine-tuning a network on a few drawings of one person, with old images against forgetting."""

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
# The share of the way from the old weights to the new ones. A share of 1 removes half to two
# thirds of the errors on a new person's drawings, and costs up to 0.4 points on MNIST; 0.7
# removes about half, for at most 0.15 points; 0.6 slightly less, at no measurable cost.
KEPT = 0.6

_MOST_VIEWS = 12  # of one drawing
_MOST_IMAGES = 480  # of all drawings, unless there are more drawings: rendered in 0.25 s


def fine_tune(network: Network, loss: Loss, own: Dataset, train: Dataset) -> Iterator[int]:
    """Trains ``network`` in place, step by step; yields how many are done, 1 … ``STEPS``.

    Each batch holds 96 random images of ``train``, against forgetting, and 32 of ``own``.
    After the last step the weights move part of the way back to where they started (Wortsman
    et al. 2022). So take all steps, or discard the network.
    """
    before = network.state.copy()
    rng = np.random.default_rng(0)
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


def views_of(drawings: Sequence[Drawing]) -> Dataset:
    """Every drawing as the network sees it, with variations of it.

    There are up to twelve views of each drawing, fewer if there are more than 40 drawings.
    Raises ``ValueError`` without drawings.
    """
    views = min(max(_MOST_IMAGES // max(len(drawings), 1), 1), _MOST_VIEWS)
    return _drawn(drawings, views)


def drawn_once(drawings: Sequence[Drawing]) -> Dataset:
    """Every drawing as the network sees it. Raises ``ValueError`` without drawings."""
    return _drawn(drawings, views=1)


def _drawn(drawings: Sequence[Drawing], views: int) -> Dataset:
    rng = np.random.default_rng(0)
    images, labels = [], []
    for drawing in drawings:
        varied = (vary(drawing.strokes, rng) for _ in range(views - 1))
        images += [centre(draw(drawing.strokes)), *varied]
        labels += [drawing.label] * views
    return Dataset(np.reshape(images, (len(images), -1)), np.array(labels, np.uint8))
