"""Varied drawings: other pictures of the same digit, which depend only on the seed."""

import numpy as np

from experiments.drawings.rendering import redraw
from experiments.drawings.variation import vary

SEVEN = [np.array([[80.0, 60], [190, 62], [120, 220]]), np.array([[100.0, 140], [170, 138]])]


def test_the_same_generator_gives_the_same_pictures() -> None:
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(3):
        np.testing.assert_array_equal(vary(SEVEN, first), vary(SEVEN, second))


def test_size_place_and_scale_of_the_drawing_do_not_matter() -> None:
    moved = [stroke * 0.01 + 40 for stroke in SEVEN]
    pictures = (vary(drawn, np.random.default_rng(0)).astype(int) for drawn in (SEVEN, moved))
    assert np.abs(np.subtract(*pictures)).max() <= 2


def test_pictures_differ_but_not_too_much() -> None:
    rng = np.random.default_rng(0)
    pictures = np.stack([vary(SEVEN, rng) for _ in range(200)]) / 255
    assert pictures.shape == (200, 28, 28)
    assert (pictures.reshape(200, -1).max(axis=1) > 0.6).all()
    ink = pictures.sum(axis=(1, 2))
    assert ink.max() > 1.7 * ink.min()  # thin and thick pens
    likeness = [np.corrcoef(picture.ravel(), redraw(SEVEN).ravel())[0, 1] for picture in pictures]
    assert np.median(likeness) > 0.5
    assert max(likeness) < 0.98


def test_a_dot_can_be_varied() -> None:
    assert vary([np.array([[5.0, 5.0]])], np.random.default_rng(0)).any()
