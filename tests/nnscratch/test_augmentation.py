"""Augmentation: varied images, the same ones for the same seed; labels and validation stay."""

import numpy as np
import pytest
from scipy import ndimage

from nnscratch import (
    Adam,
    Dataset,
    SoftmaxCrossEntropyLoss,
    fit,
    load_training_state,
    mlp,
    save_training_state,
    weights_digest,
)
from nnscratch.augmentation import Affine

SIDE = 28
STILL = {"rotation": 0.0, "shear": 0.0, "scale": 0.0, "translation": 0.0}


def blob(row: float, column: float, spread: float = 2.0) -> np.ndarray:
    """One soft spot, (1, 784)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    distance = (rows - row) ** 2 + (columns - column) ** 2
    return np.exp(-distance / (2 * spread**2)).astype(np.float32).reshape(1, -1)


def many(image: np.ndarray, augmentation: Affine) -> np.ndarray:
    """Two hundred variations, (200, 28, 28)."""
    varied = augmentation(np.repeat(image, 200, axis=0), np.random.default_rng(0))
    return varied.reshape(-1, SIDE, SIDE)


def centres(images: np.ndarray) -> np.ndarray:
    return np.array([ndimage.center_of_mass(image) for image in images])


def test_no_amount_at_all_changes_nothing() -> None:
    images = np.random.default_rng(0).random((5, SIDE**2)).astype(np.float32)
    varied = Affine(**STILL)(images, np.random.default_rng(0))
    np.testing.assert_allclose(varied, images, atol=1e-6)
    assert varied.dtype == np.float32


@pytest.mark.parametrize(("row", "column"), [(13.5, 13.5), (9, 18)])
def test_shifts_have_the_deviation_asked_for(row: float, column: float) -> None:
    found = centres(many(blob(row, column), Affine(**{**STILL, "translation": 1.5})))
    np.testing.assert_allclose(found.mean(axis=0), (row, column), atol=0.3)
    np.testing.assert_allclose(found.std(axis=0), 1.5, rtol=0.15)


def test_turns_keep_the_distance_from_the_middle() -> None:
    from_middle = centres(many(blob(13.5, 20.5), Affine(**{**STILL, "rotation": 0.2}))) - 13.5
    np.testing.assert_allclose(np.hypot(*from_middle.T), 7, atol=0.05)
    assert np.arctan2(*from_middle.T).std() == pytest.approx(0.2, rel=0.15)


def test_a_slant_moves_the_top_and_the_bottom_apart_and_the_middle_not() -> None:
    slanted = Affine(**{**STILL, "shear": 0.2})
    top, middle, bottom = (centres(many(blob(row, 13.5), slanted)) for row in (6.5, 13.5, 20.5))
    np.testing.assert_allclose(top[:, 1] - 13.5, 13.5 - bottom[:, 1], atol=0.05)
    assert top[:, 1].std() == pytest.approx(7 * 0.2, rel=0.15)
    np.testing.assert_allclose(middle, 13.5, atol=0.05)
    np.testing.assert_allclose(top[:, 0], 6.5, atol=0.05)


def test_ink_is_neither_lost_nor_made_and_its_source_stays() -> None:
    image = blob(13.5, 13.5)
    before = image.copy()
    ink = many(image, Affine()).sum(axis=(1, 2))
    np.testing.assert_allclose(np.median(ink), image.sum(), rtol=0.05)
    np.testing.assert_array_equal(image, before)


def test_what_leaves_the_image_is_black_and_nothing_comes_in() -> None:
    gone = many(blob(13.5, 13.5), Affine(**{**STILL, "translation": 500.0}))
    assert (gone.sum(axis=(1, 2)) < 1e-3).mean() > 0.9


@pytest.mark.parametrize(
    "amounts", [{"rotation": -0.1}, {"translation": np.inf}, {"shear": np.nan}]
)
def test_amounts_that_are_none_are_refused(amounts: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(amounts))} must be 0 or a positive number"):
        Affine(**amounts)


def test_features_that_are_no_square_image_are_refused() -> None:
    with pytest.raises(ValueError, match="2 features are not the pixels of a square image"):
        Affine()(np.zeros((4, 2), np.float32), np.random.default_rng(0))


# --- in training --------------------------------------------------------------------------


def train(epochs: int, *, seed: int = 0, varied: bool = True, resume=None):
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    images = np.concatenate([blob(9 + 9 * label, 13.5) for label in labels.tolist()])
    dataset = Dataset(images + rng.normal(0, 0.1, images.shape).astype(np.float32), labels)
    network = mlp([SIDE**2, 8, 2], seed=0)
    training = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        Adam(),
        dataset,
        dataset,
        epochs=epochs,
        batch_size=16,
        seed=seed,
        augmentation=Affine() if varied else None,
        resume=resume,
    )
    return network, training


def test_the_seed_decides_and_the_order_of_the_samples_is_that_without(tmp_path) -> None:
    digests = []
    for seed, varied in ((0, True), (0, True), (1, True), (0, False)):
        network, training = train(2, seed=seed, varied=varied)
        list(training)
        digests.append(weights_digest(network))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_stopped_and_resumed_is_never_stopped(tmp_path) -> None:
    whole, training = train(4)
    list(training)
    _, stopped = train(4)
    next(stopped)
    path = save_training_state(stopped.state(), tmp_path / "state.npz")
    resumed, training = train(4, resume=load_training_state(path))
    list(training)
    assert weights_digest(resumed) == weights_digest(whole)


def test_a_state_of_other_amounts_is_refused() -> None:
    _, stopped = train(4, varied=False)
    next(stopped)
    with pytest.raises(ValueError, match="augmentation"):
        train(4, resume=stopped.state())
